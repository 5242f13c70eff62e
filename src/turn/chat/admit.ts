import type { InboundMessage } from "../../channels/inbound.ts";
import { type ChatPolicy, isListed } from "./policy.ts";

/** Operators search for these; `dropLine` says them in the words they know. */
export type ChatDropReason =
  | "dm-disabled"
  | "group-disabled"
  | "group-not-listed"
  | "sender-not-listed"
  | "pairing-required"
  | "mention-required"
  | "owner-only"
  | "bot-sender"
  | "flood"
  | "empty"
  | "bad-message";

export type ChatAdmission = { kind: "admitted" } | { kind: "dropped"; reason: ChatDropReason };

export interface SenderFacts {
  /** Approved by pairing; counts in direct chats alone (CHAN-03). */
  isPaired: boolean;
  isOwner: boolean;
}

/** What only an owner may tell the gateway, however the command came about: typed, from a menu or by a button. */
const OWNER_COMMANDS: ReadonlySet<string> = new Set([
  ...["approve", "config", "debug", "elevated", "exec", "bash", "mcp", "pair", "pairing", "plugins"],
  ...["restart", "allowlist", "activation", "send", "update"],
]);

/** Pure. The order is fixed: group, sender, mention, command (CHAN-09). */
export function admitChat(message: InboundMessage, policy: ChatPolicy, facts: SenderFacts): ChatAdmission {
  const { chat, sender } = message;
  if (sender.id === "" || chat.id === "" || message.messageId === "") return dropped("bad-message");
  if (message.text.trim() === "" && message.attachments.length === 0) return dropped("empty");
  const refusal =
    chat.kind === "group" ? refuseInGroup(message, policy) : refuseInDirect(sender.id, policy, facts);
  if (refusal) return dropped(refusal);
  // Two bots that answer each other never stop.
  if (sender.isBot && !policy.allowBots) return dropped("bot-sender");
  if (chat.kind === "group" && !isMentioned(message, policy)) return dropped("mention-required");
  const command = commandOf(message.text);
  if (command !== undefined && OWNER_COMMANDS.has(command) && !facts.isOwner) return dropped("owner-only");
  return { kind: "admitted" };
}

function refuseInDirect(
  senderId: string,
  policy: ChatPolicy,
  { isPaired }: SenderFacts,
): ChatDropReason | undefined {
  const listed = policy.allowFrom !== undefined && isListed(policy.allowFrom, senderId);
  switch (policy.dm) {
    case "open":
      // Open to everybody, unless there is a list that says otherwise.
      return policy.allowFrom === undefined || listed ? undefined : "sender-not-listed";
    case "allowlist":
      return listed ? undefined : "sender-not-listed";
    case "pairing":
      return listed || isPaired ? undefined : "pairing-required";
    default:
      return "dm-disabled";
  }
}

function refuseInGroup({ chat, sender }: InboundMessage, policy: ChatPolicy): ChatDropReason | undefined {
  const own = policy.groups.get(chat.id);
  const any = policy.groups.get("*");
  const listed = own ?? any;
  if (own?.enabled === false || (!own && any?.enabled === false)) return "group-disabled";
  switch (policy.group) {
    case "open":
      break;
    case "allowlist":
      if (!listed) return "group-not-listed";
      break;
    default:
      return "group-disabled";
  }
  const senders =
    own?.allowFrom ??
    any?.allowFrom ??
    policy.groupAllowFrom ??
    // The list of those who may write directly holds in groups as well; who was paired is in no list.
    (policy.group === "allowlist" ? policy.allowFrom : undefined);
  // A group that is named without a list of people is open to its members.
  return senders === undefined || isListed(senders, sender.id) ? undefined : "sender-not-listed";
}

function isMentioned(message: InboundMessage, policy: ChatPolicy): boolean {
  const required =
    policy.groups.get(message.chat.id)?.requireMention ?? policy.groups.get("*")?.requireMention ?? true;
  return !required || message.mentionsUs || message.viaButton === true || policy.mentions(message.text);
}

/** "/config@ourbot set …" is "config". */
function commandOf(text: string): string | undefined {
  return /^\/([a-z][a-z0-9_-]{0,63})(?:@\S+)?(?:\s|$)/i.exec(text.trimStart())?.[1]?.toLowerCase();
}

function dropped(reason: ChatDropReason): ChatAdmission {
  return { kind: "dropped", reason };
}
