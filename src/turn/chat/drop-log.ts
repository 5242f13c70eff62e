import type { InboundMessage } from "../../channels/inbound.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { ChatDropReason } from "./admit.ts";
import { shortName } from "./untrusted.ts";

/** In the words that operators search for. */
const WORDS: Readonly<Record<ChatDropReason, string>> = {
  "dm-disabled": "blocked: direct messages are disabled (dmPolicy)",
  "group-disabled": "blocked: groups are disabled (groupPolicy)",
  "group-not-listed": "blocked: the group is not in the allowlist (groups)",
  "sender-not-listed": "blocked: the sender is not in the allowlist (allowFrom)",
  "pairing-required": "pairing required",
  "mention-required": "mention required",
  "owner-only": "blocked: this command is for the owner only",
  "bot-sender": "blocked: the sender is a bot (allowBots)",
  flood: "blocked: too many messages (rateLimit)",
  empty: "no text in it",
  "bad-message": "blocked: without a sender, chat or id",
};

/** The one setting to look at; the command shows it. */
const SETTING: Partial<Record<ChatDropReason, string>> = {
  "dm-disabled": "dmPolicy",
  "group-disabled": "groupPolicy",
  "group-not-listed": "groups",
  "sender-not-listed": "allowFrom",
  "mention-required": "groups",
  "bot-sender": "allowBots",
};

/** Lines a minute for each account: who is let in by nobody may still write as much as they like. */
const LINES_PER_MINUTE = 120;

export interface DropLog {
  dropped(message: InboundMessage, reason: ChatDropReason, more?: { text?: string; fix?: string }): void;
}

export function openDropLog(place: { channel: string; accountId: string }, log: Log, clock: Clock): DropLog {
  let windowMs = clock.monotonic();
  let lines = 0;
  let untold = 0;
  return {
    dropped(message, reason, { text, fix } = {}) {
      const now = clock.monotonic();
      if (now - windowMs >= 60_000) {
        if (untold > 0) log.info(`${untold} more messages were dropped`, { account: place.accountId });
        windowMs = now;
        lines = 0;
        untold = 0;
      }
      if (++lines > LINES_PER_MINUTE) {
        untold++;
        return;
      }
      const { chat, sender } = message;
      const kind = chat.kind === "direct" ? "direct" : chat.spaceId === undefined ? "group" : "guild";
      const setting = SETTING[reason];
      const remedy = fix ?? (setting && `openclaw config get channels.${place.channel}.${setting}`);
      log.info(text ?? `drop ${kind} message (${WORDS[reason]})`, {
        account: place.accountId,
        chat: chat.id,
        ...(chat.threadId !== undefined && { thread: chat.threadId }),
        sender: sender.id,
        ...(shortName(sender.name) !== undefined && { senderName: shortName(sender.name) }),
        messageId: message.messageId,
        step: "admit",
        outcome: "dropped",
        reason,
        ...(remedy !== undefined && { fix: remedy }),
      });
    },
  };
}
