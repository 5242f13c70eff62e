import type { SendResult } from "../../channels/outgoing.ts";
import type { OutboxRow } from "../../sessions/outbox.ts";
import type { PumpInput } from "./pump-input.ts";

const FIRST_PAUSE_MS = 1_000;
/** Within a minute of the platform being well again everything is on its way. */
const MAX_PAUSE_MS = 30_000;
const MAX_RETRY_AFTER_MS = 3_600_000;
/** Whoever waits for a reply for a day does not need it any more. A clock that jumps is not a day. */
const GIVE_UP_AFTER_MS = 86_400_000;
const GIVE_UP_ATTEMPTS = 500;
/** Each further attempt may be one copy more. */
const MAX_AMBIGUOUS = 8;

/** Writes down what became of an attempt. "Sent" is written together with the platform's id, or not at all. */
export function settleResult(
  row: OutboxRow,
  result: SendResult,
  {
    outbox,
    clock,
    log,
    accountId,
    random,
    isStopping,
    canAsk,
  }: Pick<PumpInput, "outbox" | "clock" | "log" | "accountId" | "random"> & {
    isStopping: boolean;
    canAsk: boolean;
  },
): void {
  const details = { account: accountId, chat: row.chatId, outboxId: row.id, attempt: row.attempts };
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(row.attempts - 1, 16), MAX_PAUSE_MS);
  const dueAt = clock.now() + pauseMs * (0.75 + 0.25 * random());
  switch (result.kind) {
    case "sent": {
      const settled = outbox.partSent(row.id, result.messageId);
      if (settled.state === "sent")
        log.info("message delivered", { ...details, messageIds: settled.messageIds.join(" ") });
      return;
    }
    case "refused":
      // The credential may be fine again in an hour; the connection says so in its own way.
      if (result.reason === "unauthorized") later(result.message, dueAt);
      else fail(result.reason, result.message);
      return;
    case "failed": {
      const retryAfterMs = Math.min(result.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
      later(result.message, Math.max(dueAt, clock.now() + retryAfterMs));
      return;
    }
    case "unknown":
      if (!canAsk && row.ambiguous + 1 >= MAX_AMBIGUOUS) {
        fail("unknown", result.message);
        return;
      }
      outbox.unknown(row.id, result.message, Math.round(dueAt), !canAsk);
      if (!isStopping)
        log.warn(
          `send failed: ${result.message}; whether it has arrived is not known, it is looked at again`,
          details,
        );
  }

  function later(reason: string, at: number): void {
    if (row.attempts >= GIVE_UP_ATTEMPTS && clock.now() - row.createdAt > GIVE_UP_AFTER_MS) {
      fail("expired", reason);
      return;
    }
    outbox.postpone(row.id, { class: "retry", reason }, Math.round(at));
    log.warn(`send failed: ${reason}; next attempt in ${Math.ceil((at - clock.now()) / 1_000)} s`, details);
  }

  function fail(kind: string, reason: string): void {
    outbox.fail(row.id, { class: kind, reason });
    log.error(`message delivery failed: ${reason}`, {
      ...details,
      reason: kind,
      fix: "openclaw outbox list",
    });
  }
}
