import { randomBytes } from "node:crypto";
import type { Clock } from "../../platform/clock.ts";
import type { OutgoingMessage, SendResult } from "../outgoing.ts";
import type { IrcSettings } from "./accounts.ts";
import { cutLine } from "./cut.ts";
import { type Identities, isPersonId } from "./identity.ts";
import type { Joins } from "./joins.ts";
import type { IrcLine } from "./line.ts";
import { foldName, isChannelName, isTarget, type Network } from "./names.ts";
import type { OwnNick } from "./own-nick.ts";
import { openPace } from "./pace.ts";
import { sendRefusal, wantsPlain } from "./send-refusal.ts";
import type { Wire } from "./wire.ts";

export interface SpeakInput {
  settings: IrcSettings;
  clock: Clock;
  network: Network;
  own: OwnNick;
  joins: Joins;
  identities: Identities;
}

const LINE_BYTES = 512;
/** Where the server has not shown yet what others see of us. */
const LONGEST_ADDRESS = "~user678901@".length + 63;
const MAX_LINES = 16;
const AWAY_MS = 30_000;

export type Speak = (message: OutgoingMessage, signal: AbortSignal) => Promise<SendResult>;

/**
 * IRC acknowledges no message. A server handles lines in order, though: when it answers a PING that was sent behind the
 * message, it has handled the message, and what it had against it came before the answer. One message at a time, so that
 * what comes between is about it.
 */
export function openSpeak(wire: Wire, input: SpeakInput): Speak {
  const pace = openPace(input.settings.flood, input.clock);
  let tail: Promise<unknown> = Promise.resolve();

  return (message, signal) => {
    const result = tail.then(() => say(wire, input, pace, message, signal));
    tail = result;
    return result;
  };
}

async function say(
  wire: Wire,
  input: SpeakInput,
  pace: ReturnType<typeof openPace>,
  message: OutgoingMessage,
  signal: AbortSignal,
): Promise<SendResult> {
  if (message.file) return { kind: "refused", reason: "unsupported", message: "IRC carries no files" };
  const found = await findTarget(message.chatId, input);
  if (typeof found !== "string") return found;
  const sent = await sayTo(found, message.text);
  if (sent === "wants-plain") {
    const again = await sayTo(found, message.plain);
    return again === "wants-plain"
      ? { kind: "refused", reason: "bad-content", message: "refused in any form" }
      : again;
  }
  return sent;

  async function sayTo(target: string, text: string): Promise<SendResult | "wants-plain"> {
    const lines = toLines(text, textBytes(input.own, target));
    if (lines.length === 0)
      return { kind: "refused", reason: "bad-content", message: "nothing to say in it" };
    if (lines.length > MAX_LINES)
      return { kind: "refused", reason: "too-large", message: `more than ${MAX_LINES} lines` };
    const last = lines.pop()!;
    let isBegun = false;
    try {
      for (const line of lines) {
        await pace.turn(signal);
        isBegun = true;
        wire.send("PRIVMSG", target, line);
      }
      await pace.turn(signal);
    } catch (error) {
      return missed(isBegun, error instanceof Error ? error.message : String(error));
    }
    const fault = wire.fault();
    return fault ? missed(isBegun, fault.message) : await proven(target, last);
  }

  async function proven(target: string, line: string): Promise<SendResult | "wants-plain"> {
    const token = `oc-${randomBytes(8).toString("hex")}`;
    const { network, own } = input;
    let messageId: string | undefined;
    const read = (got: IrcLine): SendResult | "wants-plain" | undefined => {
      const isAbout = (name: string | undefined) =>
        foldName(network, name ?? "") === foldName(network, target);
      if (got.command === "PRIVMSG" && own.isOurs(got.nick) && isAbout(got.params[0]))
        messageId = got.tags.msgid;
      if (got.command === "PONG" && got.params.at(-1) === token)
        return { kind: "sent", messageId: messageId || token };
      if (wantsPlain(got) && isAbout(got.params[1])) return "wants-plain";
      return sendRefusal(got, isAbout, isPersonId(message.chatId));
    };
    // No time-out of its own: a server that is slow will answer, and one that is gone is found by its heartbeat.
    const answer = wire.answer(read, Number.MAX_SAFE_INTEGER, signal);
    wire.send("PRIVMSG", target, line);
    wire.send("PING", token);
    const got = await answer;
    if (got.kind === "answer") return got.value;
    return missed(
      true,
      got.kind === "closed" ? got.fault.message : "stopped before the server had acknowledged it",
    );
  }
}

/** Once something has left, nobody knows what has become of it. */
const missed = (isBegun: boolean, message: string): SendResult => ({
  kind: isBegun ? "unknown" : "failed",
  message,
});

/** The nick or channel behind a chat id; the reason why there is none to write to now. */
async function findTarget(
  chatId: string,
  { network, joins, identities }: SpeakInput,
): Promise<string | SendResult> {
  if (isPersonId(chatId)) {
    const nick = await identities.nickOf(chatId);
    if (nick !== undefined && isTarget(nick)) return nick;
    return { kind: "failed", message: `${chatId} is not on the network`, retryAfterMs: AWAY_MS };
  }
  if (!isTarget(chatId))
    return {
      kind: "refused",
      reason: "no-such-chat",
      message: `"${chatId}" is neither a nick nor a channel`,
    };
  if (!isChannelName(network, chatId)) return chatId;
  const state = await joins.settled(chatId);
  if (state?.kind === "out")
    return { kind: "failed", message: `not in ${chatId}: ${state.why}`, retryAfterMs: AWAY_MS };
  return chatId;
}

/** Bytes of text that reach everybody: servers put our prefix before it and cut what is too long. */
function textBytes(own: OwnNick, target: string): number {
  const mask = own.mask();
  const prefix = mask === undefined ? own.current().length + 1 + LONGEST_ADDRESS : Buffer.byteLength(mask);
  return LINE_BYTES - Buffer.byteLength(`: PRIVMSG ${target} :\r\n`) - prefix;
}

/** CTCP is begun by \u0001, commands end with line ends: neither leaves this machine in a text. */
export function toLines(text: string, maxBytes: number): string[] {
  return text
    .split(/[\r\n]+/)
    .map((line) =>
      line
        .replace(/\t/g, "    ")
        .replace(/[\u0000\u0001\u0005-\u000e\u0010\u0012-\u0015\u0017-\u001c\u007f]/g, ""),
    )
    .filter((line) => line.trim() !== "")
    .flatMap((line) => cutLine(line, maxBytes));
}
