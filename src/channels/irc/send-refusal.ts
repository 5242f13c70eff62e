import { printable } from "../../platform/printable.ts";
import type { RefusalReason, SendResult } from "../outgoing.ts";
import type { IrcLine } from "./line.ts";

const REFUSED: Readonly<Record<string, RefusalReason>> = {
  "403": "no-such-chat",
  "404": "forbidden",
  "407": "bad-content",
  "411": "no-such-chat",
  "412": "bad-content",
  "413": "no-such-chat",
  "414": "no-such-chat",
  "415": "bad-content",
  "417": "too-large",
  "477": "forbidden",
  "482": "forbidden",
  "486": "forbidden",
  "489": "forbidden",
  "492": "forbidden",
  "494": "forbidden",
  "531": "forbidden",
  "716": "forbidden",
};
/** Not now. */
const LATER: Readonly<Record<string, number>> = { "263": 30_000, "437": 60_000, "439": 60_000, "451": 5_000 };
/** These say no target. */
const WITHOUT_TARGET = new Set(["411", "412", "417", "451", "263"]);

/**
 * What a server says against a message it was just sent; undefined for what is no such thing. A person who is not there may
 * come back, a nick somebody made up may not.
 */
export function sendRefusal(
  line: IrcLine,
  isAbout: (name: string | undefined) => boolean,
  isPerson: boolean,
): SendResult | undefined {
  const { command, params } = line;
  const message = printable(params.at(-1) ?? command).slice(0, 200);
  if (command === "FAIL" && params[0]?.toUpperCase() === "PRIVMSG")
    return { kind: "refused", reason: "forbidden", message: `${printable(params[1] ?? "")}: ${message}` };
  if (!WITHOUT_TARGET.has(command) && !isAbout(params[1])) return undefined;
  if (command === "401")
    return isPerson
      ? { kind: "failed", message, retryAfterMs: 30_000 }
      : { kind: "refused", reason: "no-such-chat", message };
  const reason = REFUSED[command];
  if (reason) return { kind: "refused", reason, message };
  const retryAfterMs = LATER[command];
  return retryAfterMs === undefined ? undefined : { kind: "failed", message, retryAfterMs };
}

/** Channels may forbid colours and bold; the words themselves are welcome. */
export const wantsPlain = ({ command, params }: IrcLine): boolean =>
  command === "408" || (command === "404" && /colou?r|formatting|control code/i.test(params.at(-1) ?? ""));
