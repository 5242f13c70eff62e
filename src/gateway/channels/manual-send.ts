import { basename, extname } from "node:path";
import type { Connection } from "../../channels/channel.ts";
import type { OutgoingFile } from "../../channels/outgoing.ts";
import type { OutletStatus } from "../../channels/outlet.ts";
import type { ConfiguredAccount } from "../../channels/outlets.ts";
import type { Clock } from "../../platform/clock.ts";
import { GatewayError } from "../../protocol/errors.ts";
import type { Outbox, OutboxRow } from "../../sessions/outbox.ts";
import { sendWithin } from "../../turn/chat/send-within.ts";
import type { SendReceipt, SendRequest } from "./desk.ts";

export interface ManualSendInput {
  clock: Clock;
  outbox: Outbox;
  pump(): void;
}

/** Messages that a person or a program sends, not an agent: through the same outbox. */
export function openManualSend({ clock, outbox, pump }: ManualSendInput) {
  const waiting = new Map<string, Set<(row: OutboxRow) => void>>();

  function settled(row: OutboxRow): void {
    if (row.state !== "sent" && row.state !== "failed") return;
    for (const tell of waiting.get(row.id) ?? []) tell(row);
  }

  /** The row when its fate is known, or as it is after `ms`. */
  function fate(row: OutboxRow, ms: number): Promise<OutboxRow> {
    if (row.state === "sent" || row.state === "failed" || ms <= 0) return Promise.resolve(row);
    return new Promise((resolve) => {
      const tells = waiting.get(row.id) ?? new Set();
      waiting.set(row.id, tells.add(done));
      const timer = clock.after(ms, () => done(outbox.find(row.id) ?? row));
      function done(now: OutboxRow): void {
        timer[Symbol.dispose]();
        tells.delete(done);
        if (tells.size === 0) waiting.delete(row.id);
        resolve(now);
      }
    });
  }

  return {
    settled,
    async send(
      request: SendRequest,
      accountId: string,
      waitMs: number,
      status: () => OutletStatus,
    ): Promise<SendReceipt> {
      if (request.text.trim() === "" && request.filePath === undefined)
        throw new GatewayError("INVALID_REQUEST", "the message is empty");
      const { row } = outbox.add({
        idempotencyKey: `send:${request.idempotencyKey}`,
        channel: request.channel,
        accountId,
        chatId: request.to,
        threadId: request.threadId,
        replyToId: request.replyToId,
        silent: request.silent,
        body: request.text,
        file: request.filePath === undefined ? undefined : fileOf(request.filePath),
      });
      const isUp = status().state === "live" || status().state === "connecting";
      const known = fate(row, isUp ? waitMs : 0);
      pump();
      const now = await known;
      switch (now.state) {
        case "sent":
          return { kind: "sent", outboxId: now.id, messageIds: now.messageIds };
        case "failed":
          return {
            kind: "failed",
            outboxId: now.id,
            reason: now.failure!.class,
            message: now.failure!.reason,
          };
        default: {
          const { state, reason = state } = status();
          const why =
            state === "live" ? (now.failure?.reason ?? "it is on its way") : `not connected (${reason})`;
          return { kind: "queued", outboxId: now.id, reason: why };
        }
      }
    },
    async react(
      connection: Connection | undefined,
      { channel, account }: ConfiguredAccount,
      target: { chatId: string; messageId: string },
      emoji: string | undefined,
    ): Promise<void> {
      if (!channel.capabilities.react)
        throw new GatewayError("INVALID_REQUEST", `${channel.label} has no reactions`);
      if (!connection?.react) {
        throw new GatewayError("UNAVAILABLE", `${channel.id} (${account.accountId}) is not connected`, {
          hint: "openclaw channels status --probe",
          retryable: true,
        });
      }
      const never = new AbortController().signal;
      const result = await sendWithin(clock, never, (signal) => connection.react!(target, emoji, signal));
      if (result.kind !== "sent")
        throw new GatewayError("UNAVAILABLE", `reaction not set: ${result.message}`);
    },
  };
}

const TYPES: Readonly<Record<string, [OutgoingFile["kind"], string]>> = {
  ".png": ["image", "image/png"],
  ".jpg": ["image", "image/jpeg"],
  ".jpeg": ["image", "image/jpeg"],
  ".gif": ["image", "image/gif"],
  ".webp": ["image", "image/webp"],
  ".mp3": ["audio", "audio/mpeg"],
  ".m4a": ["audio", "audio/mp4"],
  ".ogg": ["voice", "audio/ogg"],
  ".opus": ["voice", "audio/ogg"],
  ".mp4": ["video", "video/mp4"],
  ".pdf": ["file", "application/pdf"],
  ".txt": ["file", "text/plain"],
};

function fileOf(path: string): OutgoingFile {
  const [kind, mimeType] = TYPES[extname(path).toLowerCase()] ?? ["file", "application/octet-stream"];
  return { kind, path, name: basename(path), mimeType };
}
