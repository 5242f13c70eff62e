import type { Connection } from "../../channels/channel.ts";
import type { Clock } from "../../platform/clock.ts";
import type { ReplyAddress } from "../../sessions/outbox-row.ts";

/** Platforms show it for about five seconds. */
const EVERY_MS = 4_000;
/** A run that takes longer is not shown any more; its reply comes all the same. */
const MAX_MS = 600_000;

/** "…is typing" in a chat, from the first call until the last run there has ended. */
export interface Typing {
  begin(to: ReplyAddress): Disposable;
}

export function openTyping(clock: Clock, connection: () => Connection | undefined): Typing {
  const chats = new Map<string, { runs: number; timer: Disposable; sinceMs: number }>();

  function show({ chatId, threadId }: ReplyAddress): void {
    try {
      connection()?.typing?.({ chatId, threadId });
    } catch {
      // It is only a sign; whether the platform can be reached shows itself elsewhere.
    }
  }

  return {
    begin(to) {
      const key = `${to.chatId}\0${to.threadId ?? ""}`;
      const known = chats.get(key);
      const entry = known ?? {
        runs: 0,
        sinceMs: clock.monotonic(),
        timer: clock.every(EVERY_MS, () => {
          if (clock.monotonic() - entry.sinceMs < MAX_MS) show(to);
        }),
      };
      chats.set(key, entry);
      entry.runs++;
      if (!known) show(to);
      let ended = false;
      return {
        [Symbol.dispose]() {
          if (ended) return;
          ended = true;
          if (--entry.runs > 0) return;
          entry.timer[Symbol.dispose]();
          chats.delete(key);
        },
      };
    },
  };
}
