import type { Log } from "../../platform/log.ts";
import { ChannelFault, type ConnectInput } from "../channel.ts";
import type { InboundMessage } from "../inbound.ts";
import type { Identities } from "./identity.ts";
import { stripFormatting } from "./inline.ts";
import type { Joins } from "./joins.ts";
import type { IrcLine } from "./line.ts";
import { foldName, isChannelName, type Network } from "./names.ts";
import type { OwnNick } from "./own-nick.ts";
import type { Replay } from "./replay.ts";
import type { Wire } from "./wire.ts";

export interface HearInput extends Pick<ConnectInput, "receive"> {
  network: Network;
  configuredNick: string;
  own: OwnNick;
  joins: Joins;
  identities: Identities;
  replay: Replay;
  log: Log;
}

/** Messages that are not on disk yet: from the first number on the server has to wait, from the second on it may go on. */
const HOLD_AT = 256;
const RESUME_AT = 64;
/** More at once than anybody says: only where the server has to be read on for an answer. */
const MAX_PENDING = 10_000;
const MAX_BATCHES = 32;

/**
 * What people say becomes messages, handed in one after the other. NOTICE is never answered: that is how bots keep from
 * talking to each other.
 */
export function startHearing(wire: Wire, input: HearInput): Disposable {
  const { own, replay, receive, log } = input;
  /** Open batches by their name. */
  const batches = new Map<string, string>();
  let pending = 0;
  let tail = Promise.resolve();

  function takeBatch([name = "", type = ""]: readonly string[]): void {
    if (name.startsWith("-")) batches.delete(name.slice(1));
    else if (name.startsWith("+") && batches.size < MAX_BATCHES) batches.set(name.slice(1), type);
  }

  async function handIn(line: IrcLine, sighting: ReturnType<Replay["look"]>): Promise<void> {
    const sender = await input.identities.of(line);
    if (!sender || wire.fault()) return;
    const message = readMessage(line, { ...input, sender, sighting });
    if (!message) return;
    await receive(message);
    replay.handled(sighting);
  }

  function takeSaid(line: IrcLine): void {
    const sighting = replay.look(line, batches.get(line.tags.batch ?? ""));
    if (sighting.isOld) {
      log.debug("a repeated message was left out", { messageId: sighting.messageId });
      return;
    }
    if (++pending === HOLD_AT) wire.hold(true);
    if (pending > MAX_PENDING)
      wire.end(new ChannelFault("rate-limit", "more was said at once than can be taken in"));
    tail = tail
      .then(() => handIn(line, sighting))
      .catch((cause) => wire.end(new ChannelFault("platform", "a message could not be stored", { cause })))
      .then(() => {
        if (--pending === RESUME_AT) wire.hold(false);
      });
  }

  return wire.onLine((line) => {
    if (line.command === "BATCH") takeBatch(line.params);
    else if (line.command === "PRIVMSG" && !own.isOurs(line.nick)) takeSaid(line);
  });
}

interface Reading extends Pick<HearInput, "network" | "configuredNick" | "own" | "joins"> {
  sender: { id: string; nick: string; isBot: boolean };
  sighting: { messageId: string; sentAtMs: number };
}

/** Pure, but for what we are called. Undefined for CTCP other than ACTION and for words to a part of a channel. */
export function readMessage(line: IrcLine, reading: Reading): InboundMessage | undefined {
  const { network, own, joins, sender, sighting, configuredNick } = reading;
  const [target = "", said = ""] = line.params;
  const words = spoken(said, sender.nick);
  if (words === undefined) return undefined;
  const isGroup = isChannelName(network, target);
  if (!isGroup && !own.isOurs(target)) return undefined;
  const nicks = [own.current(), configuredNick];
  const { text, mentionsUs } = addressed(network, words, nicks);
  if (text === "") return undefined;
  const replyTo = line.tags["+draft/reply"] ?? line.tags["+reply"];
  return {
    messageId: sighting.messageId,
    chat: isGroup
      ? { id: joins.spelling(target) ?? foldName(network, target), kind: "group", title: target }
      : { id: sender.id, kind: "direct", title: sender.nick },
    sender: { id: sender.id, name: sender.nick, username: sender.nick, isBot: sender.isBot },
    text,
    mentionsUs,
    replyTo: replyTo ? { messageId: replyTo } : undefined,
    attachments: [],
    sentAtMs: sighting.sentAtMs,
  };
}

/** Plain words; "/me waves" as people read it. */
function spoken(said: string, nick: string): string | undefined {
  const plain = (text: string) =>
    stripFormatting(text)
      .replace(/[\u0000-\u001f\u007f]/g, "")
      .trim();
  if (!said.startsWith("\u0001")) return plain(said);
  const action = /^\u0001ACTION ([^\u0001]*)\u0001?$/.exec(said)?.[1];
  return action === undefined ? undefined : `* ${nick} ${plain(action)}`;
}

/** What may stand in a nick; a name within a longer one is no mention. */
const NICK_CHARS = "A-Za-z0-9\\[\\]\\\\`_^{}|\\-";

/** "nick: do this" is "do this", said to us; so is the nick as a word anywhere. */
function addressed(
  network: Network,
  words: string,
  nicks: readonly string[],
): { text: string; mentionsUs: boolean } {
  const folded = foldName(network, words);
  for (const nick of nicks) {
    const name = foldName(network, nick).replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    const opening = new RegExp(`^@?${name}(?:[:,]\\s*|\\s+(?=[/!]))`).exec(folded);
    if (opening) return { text: words.slice(opening[0].length).trim() || words, mentionsUs: true };
    if (new RegExp(`(?<![${NICK_CHARS}])${name}(?![${NICK_CHARS}])`).test(folded))
      return { text: words, mentionsUs: true };
  }
  return { text: words, mentionsUs: false };
}
