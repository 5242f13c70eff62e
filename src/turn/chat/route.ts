import type { InboundMessage } from "../../channels/inbound.ts";
import type { Config } from "../../config/schema.ts";
import { sha256Hex } from "../../platform/files.ts";

export interface ChatRoute {
  /** Undefined: the default agent. */
  agentId: string | undefined;
  /** What follows the agent in the session's key. */
  rest: string;
}

interface Place {
  channel: string;
  accountId: string;
}

type Binding = NonNullable<Config["bindings"]>[number];

/** Pure: which agent a message of a chat is for, and which of its conversations it belongs to. */
export function routeChat(message: InboundMessage, place: Place, config: Config): ChatRoute {
  return {
    agentId: boundAgent(message, place, config.bindings ?? []),
    rest: conversation(message, place, config),
  };
}

/** Peer before guild or team before account before channel; of the same kind the first. */
function boundAgent(message: InboundMessage, place: Place, bindings: readonly Binding[]): string | undefined {
  let best: { rank: number; agentId: string } | undefined;
  for (const { agentId, match } of bindings) {
    if (!agentId || match?.channel !== place.channel) continue;
    const rank = rankOf(match, message, place);
    if (rank !== undefined && rank > (best?.rank ?? -1)) best = { rank, agentId };
  }
  return best?.agentId;
}

/** Undefined when one of its conditions does not hold. */
function rankOf(
  { accountId, peer, guildId, teamId }: NonNullable<Binding["match"]>,
  { chat, sender }: InboundMessage,
  place: Place,
): number | undefined {
  if (accountId !== undefined && accountId !== "*" && accountId !== place.accountId) return undefined;
  const space = guildId ?? teamId;
  if (space !== undefined && space !== chat.spaceId) return undefined;
  if (peer !== undefined) {
    const isDirect = peer.kind === "direct" || peer.kind === "dm";
    if (isDirect !== (chat.kind === "direct")) return undefined;
    if (peer.id !== chat.id && !(isDirect && peer.id === sender.id)) return undefined;
  }
  return (peer ? 8 : 0) + (space ? 4 : 0) + (accountId === undefined ? 0 : accountId === "*" ? 1 : 2);
}

function conversation(message: InboundMessage, { channel, accountId }: Place, { session }: Config): string {
  const { chat, sender } = message;
  const main = session?.mainKey ?? "main";
  const thread = chat.threadId === undefined ? "" : `:thread:${encoded(chat.threadId)}`;
  if (session?.scope === "global") return main;
  if (chat.kind === "group") {
    if (session?.groupScope === "main") return main;
    // Two networks may have a channel of the same name.
    const account = accountId === "default" ? "" : `:${encoded(accountId)}`;
    return `${channel}${account}:group:${encoded(chat.id)}${thread}`;
  }
  const linked = linkedName(session?.identityLinks ?? {}, channel, sender.id);
  const peer = linked ?? encoded(sender.id);
  switch (session?.dmScope ?? "main") {
    case "per-peer":
      return `direct:${peer}${thread}`;
    case "per-channel-peer":
      return linked ? `direct:${peer}${thread}` : `${channel}:direct:${peer}${thread}`;
    case "per-account-channel-peer":
      return linked ? `direct:${peer}${thread}` : `${channel}:${encoded(accountId)}:direct:${peer}${thread}`;
    default:
      return thread === "" ? main : `${main}${thread}`;
  }
}

/** The owner says that these accounts are one person: "alice": ["telegram:123", "irc:alice"]. */
function linkedName(
  links: Readonly<Record<string, readonly string[]>>,
  channel: string,
  senderId: string,
): string | undefined {
  const own = `${channel}:${senderId}`;
  const found = Object.entries(links).find(([, ids]) => ids.includes(own));
  return found && encoded(found[0]);
}

const MAX_ID_CHARS = 120;

/** Nothing in an id may look like another part of the key, and no two ids may become one. */
function encoded(id: string): string {
  const signs = [...id.toWellFormed()].map((sign) =>
    /[\s\p{C}:%]/u.test(sign) ? encodeURIComponent(sign) : sign,
  );
  const text = signs.join("");
  return text.length <= MAX_ID_CHARS ? text : sha256Hex(id);
}
