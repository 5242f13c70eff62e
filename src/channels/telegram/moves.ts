import { isRecord } from "../../protocol/frames.ts";
import type { ConnectInput } from "../channel.ts";

/** Groups that became supergroups, and so got another id. */
export interface Moves {
  /** The id a chat has now. */
  now(chatId: string): string;
  note(from: string, to: string): void;
}

const KEY = "moved-chats";
const MAX_MOVES = 100;

export function openMoves({
  recall,
  remember,
  log,
}: Pick<ConnectInput, "recall" | "remember" | "log">): Moves {
  const moved = new Map<string, string>();
  try {
    const kept: unknown = JSON.parse(recall(KEY) ?? "{}");
    for (const [from, to] of Object.entries(isRecord(kept) ? kept : {})) moved.set(from, String(to));
  } catch {
    // What cannot be read is learned anew from the next refusal.
  }
  return {
    now: (chatId) => moved.get(chatId) ?? chatId,
    note(from, to) {
      if (moved.get(from) === to) return;
      moved.set(from, to);
      if (moved.size > MAX_MOVES) moved.delete(moved.keys().next().value!);
      remember(KEY, JSON.stringify(Object.fromEntries(moved)));
      log.warn(`the group ${from} has become a supergroup and is ${to} now`, {
        fix: `openclaw config set channels.telegram.groups.${to} '{"requireMention":true}'`,
      });
    },
  };
}
