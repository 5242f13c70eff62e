import type { RunEvent } from "../../agent/loop.ts";
import type { Channel, Connection } from "../../channels/channel.ts";
import type { Clock } from "../../platform/clock.ts";
import type { ReplyAddress } from "../../sessions/outbox-row.ts";
import { visibleText } from "./reply-text.ts";

/** A reply that is read while it is being written, where the platform lets a message be changed. */
export interface Growing {
  begin(to: ReplyAddress, mode: "off" | "partial" | "block"): GrowingReply;
}

export interface GrowingReply {
  watch(event: RunEvent): void;
  /** The platform's id of the message that shows it; the outbox puts the whole reply there. */
  previewId(): string | undefined;
  ended(): void;
}

export interface GrowingInput {
  channel: Pick<Channel, "format" | "capabilities">;
  clock: Clock;
  connection(): Connection | undefined;
}

/** Platforms limit how often a message may be changed. */
const EVERY_MS = 1_500;
/** Fewer are not worth a message. */
const MIN_CHARS = 24;

/** Only a view: what is not shown here is in the reply, and nothing here is ever tried twice. */
export function openGrowing({ channel, clock, connection }: GrowingInput): Growing {
  return {
    begin(to, mode) {
      let text = "";
      let shown = "";
      let previewId: string | undefined;
      let isDone = mode === "off" || !channel.capabilities.edit;
      let busy = false;
      let timer: Disposable | undefined;
      const stop = new AbortController();

      async function show(): Promise<void> {
        timer = undefined;
        const live = connection();
        const visible = visibleText(text);
        if (isDone || busy || !live?.edit || visible.length < MIN_CHARS || visible === shown) return;
        // Only the first message grows; a reply that needs several shows the others when it is complete.
        const part = channel.format(visible)[0];
        if (!part) return;
        busy = true;
        try {
          const result =
            previewId === undefined
              ? await live.send({ ...to, ...part, clientId: "preview" }, stop.signal)
              : await live.edit({ chatId: to.chatId, messageId: previewId }, part, stop.signal);
          if (result.kind === "sent") {
            previewId ??= result.messageId;
            shown = visible;
          } else isDone = true;
        } catch {
          isDone = true;
        } finally {
          busy = false;
        }
      }

      return {
        watch(event) {
          if (isDone || event.kind !== "text") return;
          text += event.delta;
          timer ??= clock.after(EVERY_MS, () => void show());
        },
        previewId: () => previewId,
        ended() {
          isDone = true;
          timer?.[Symbol.dispose]();
          stop.abort();
        },
      };
    },
  };
}
