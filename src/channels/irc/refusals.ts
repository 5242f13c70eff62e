import { printable } from "../../platform/printable.ts";
import { ChannelFault, type FaultKind } from "../channel.ts";
import type { IrcLine } from "./line.ts";

interface Reason {
  says: RegExp;
  kind: FaultKind;
  words: string;
  retryAfterMs?: number;
}

const MINUTE_MS = 60_000;

/** What servers write into ERROR; the words differ, what they mean does not. The first that fits counts. */
const REASONS: readonly Reason[] = [
  {
    says: /throttl|too fast|reconnecting|try again later/i,
    kind: "rate-limit",
    words: "this address connects to the network too often",
    retryAfterMs: 2 * MINUTE_MS,
  },
  {
    says: /\b(ghost|regain|release|recover)\b|nick(name)? collision|new connection|session replaced/i,
    kind: "conflict",
    words: "another program has taken the nick",
  },
  {
    says: /\b[dgkqxz]-?:?lined?\b|\bakill|auto-?kill|\bbanned\b|dnsbl|\bproxy\b|blacklist/i,
    kind: "forbidden",
    words: "the network has banned this address or nick",
  },
  { says: /sasl/i, kind: "auth", words: "the network wants SASL from this address" },
  { says: /password|access denied|unauthori[sz]ed/i, kind: "auth", words: "the server refuses the password" },
  {
    says: /too many|connection limit|session limit|maximum|server (is )?full|no more connections/i,
    kind: "rate-limit",
    words: "there are too many connections",
    retryAfterMs: 2 * MINUTE_MS,
  },
  {
    says: /flood|sendq|recvq/i,
    kind: "rate-limit",
    words: "too much was sent at once",
    retryAfterMs: MINUTE_MS,
  },
  { says: /ping time-?out|timed? ?out/i, kind: "timeout", words: "the server has not heard from us in time" },
  {
    says: /\bkill(ed)?\b/i,
    kind: "platform",
    words: "an operator of the network has ended the connection",
    retryAfterMs: MINUTE_MS,
  },
];

/** The reason of an ERROR line, in words. */
export function errorFault(said: string): ChannelFault {
  const text = printable(said).slice(0, 300);
  const reason = REASONS.find(({ says }) => says.test(said));
  if (!reason) return new ChannelFault("platform", `the server ended the connection: ${text}`);
  const { kind, words, retryAfterMs } = reason;
  return new ChannelFault(kind, `${words}: ${text}`, { retryAfterMs: askedWaitMs(said) ?? retryAfterMs });
}

/** "wait 30 seconds": at most an hour is believed. */
function askedWaitMs(said: string): number | undefined {
  const match = /\b(\d{1,4}) ?(s|sec|seconds?|m|min|minutes?)\b/i.exec(said);
  if (!match) return undefined;
  const unitMs = match[2]!.toLowerCase().startsWith("m") ? MINUTE_MS : 1_000;
  return Math.min(Math.max(Number(match[1]), 1) * unitMs, 60 * MINUTE_MS);
}

/** A numeric that refuses us before we are in; `path` is where the account's settings are. */
export function registrationFault(line: IrcLine, path: string): ChannelFault | undefined {
  const said = printable(line.params.at(-1) ?? "").slice(0, 300);
  switch (line.command) {
    case "432":
      return new ChannelFault(
        "config",
        `the server does not allow the nick ${printable(line.params[1] ?? "")}: ${said}`,
        {
          fix: `openclaw config set ${path}.nick <another nick>`,
        },
      );
    case "463":
    case "465":
    case "466":
      return new ChannelFault("forbidden", `the network refuses this address: ${said}`);
    case "464":
      return new ChannelFault("auth", `the server refuses the password: ${said}`, {
        fix: `openclaw config set ${path}.password <server password>`,
      });
    case "902":
    case "904":
    case "905":
    case "906":
      return new ChannelFault("auth", `SASL login refused: ${said}`, {
        fix: `openclaw config set ${path}.sasl.password <password of the account>`,
      });
    case "908":
      return new ChannelFault(
        "config",
        `the server knows these SASL mechanisms only: ${printable(line.params[1] ?? "")}`,
        {
          fix: `openclaw config set ${path}.sasl.mechanism PLAIN`,
        },
      );
    default:
      return undefined;
  }
}
