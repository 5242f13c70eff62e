import { foldName } from "./names.ts";

/** Why an entry of an allow list lets in nobody, and what may have been meant. */
export interface SenderProblem {
  what: string;
  instead: string;
}

/**
 * Who is let in is compared letter by letter with "account:alice" or "nick!user@host", both in small letters. A bare nick is
 * never compared: whoever comes first has it.
 */
export function senderProblem(entry: string): SenderProblem | undefined {
  const id = entry.trim().replace(/^irc:/, "");
  if (id === "*" || id === "") return undefined;
  const small = foldName({ caseMapping: "rfc1459" }, id);
  if (!/[!:]/.test(id))
    return {
      what: `"${entry}" is a nick; anybody can take it, so it lets in nobody`,
      instead: `account:${small}`,
    };
  if (/[*?]/.test(id))
    return { what: `"${entry}" has wildcards; masks are compared letter by letter`, instead: entry };
  if (!id.startsWith("account:") && !/^[^!@\s]+![^!@\s]+@[^!@\s]+$/.test(id))
    return { what: `"${entry}" is no nick!user@host`, instead: entry };
  if (id !== small)
    return { what: `"${entry}" has capitals; the gateway compares small letters`, instead: small };
  return undefined;
}
