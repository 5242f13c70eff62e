import type { Connection } from "../../channels/channel.ts";
import type { OutgoingMessage, SendResult } from "../../channels/outgoing.ts";
import type { OutboxPart, OutboxRow } from "../../sessions/outbox.ts";
import type { PumpInput } from "./pump-input.ts";
import { settleResult } from "./receipt.ts";
import { sendWithin } from "./send-within.ts";

/** Empties the outbox of one account: each chat in order, one message at a time; chats do not wait for each other. */
export interface Pump extends AsyncDisposable {
  /** Looks at what is due; cheap. */
  poke(): void;
}

/** Chats served side by side. */
const MAX_PARALLEL = 16;
/** Messages that are being sent when the account stops get so long. */
const STOP_MS = 1_000;
/** What cannot be written down now is tried again: what has been sent must not be sent once more. */
const WRITE_AGAIN_MS = 500;
const READ_AGAIN_MS = 2_000;
const TELL_DOWN_MS = 2_000;

export function openPump(input: PumpInput): Pump {
  const { channel, accountId, clock, log, outbox } = input;
  /** No further message is begun. */
  let stopping = false;
  const stop = new AbortController();
  const sending = new Map<string, Promise<void>>();
  let timer: Disposable | undefined;
  /** Said once per outage, and not of one that is over in a moment. */
  let down: Disposable | undefined;

  function poke(): void {
    if (stopping) return;
    timer?.[Symbol.dispose]();
    timer = undefined;
    try {
      look();
    } catch (error) {
      log.error("the outbox could not be read", { account: accountId, error });
      timer = clock.after(READ_AGAIN_MS, poke);
    }
  }

  function look(): void {
    const connection = input.connection();
    if (!connection) {
      down ??= clock.after(TELL_DOWN_MS, tellDown);
      return;
    }
    down?.[Symbol.dispose]();
    down = undefined;
    for (const row of outbox.heads(channel.id, accountId)) {
      if (sending.size >= MAX_PARALLEL) return;
      if (!sending.has(row.chatId)) start(row, connection);
    }
    const dueAt = outbox.nextDueAt(channel.id, accountId);
    // What is due already waits for its chat or for a free place, and whoever frees it looks again.
    const waitMs = dueAt === undefined ? undefined : dueAt - clock.now();
    if (waitMs !== undefined && waitMs > 0) timer = clock.after(waitMs, poke);
  }

  function start(row: OutboxRow, connection: Connection): void {
    const done = sendNext(row, connection)
      .catch((error) =>
        log.error("the outbox could not go on", { account: accountId, outboxId: row.id, error }),
      )
      .finally(() => {
        sending.delete(row.chatId);
        queueMicrotask(poke);
      });
    sending.set(row.chatId, done);
  }

  /** One part of one row, from the mark on disk to the receipt on disk. */
  async function sendNext(row: OutboxRow, connection: Connection): Promise<void> {
    const wasUnknown = row.state === "unknown";
    const parts = row.parts ?? partsOf(row);
    if (typeof parts === "string") {
      outbox.fail(row.id, { class: "bad-content", reason: parts });
      log.error(`message delivery failed: ${parts}`, {
        account: accountId,
        chat: row.chatId,
        outboxId: row.id,
      });
      input.onChange(outbox.find(row.id)!);
      return;
    }
    const begun = outbox.begin(row.id, row.parts ? undefined : parts);
    input.failpoint("outbox.beforeSend");
    const message = messageOf(begun);
    const result = await attempt(begun, message, connection, wasUnknown);
    input.failpoint("outbox.afterSendBeforeReceipt");
    if (result.kind === "sent") input.onSent();
    await written(() =>
      settleResult(begun, result, {
        ...input,
        isStopping: stop.signal.aborted,
        canAsk: connection.reconcile !== undefined,
      }),
    );
    const settled = outbox.find(row.id);
    if (settled) input.onChange(settled);
  }

  async function attempt(
    row: OutboxRow,
    message: OutgoingMessage,
    connection: Connection,
    wasUnknown: boolean,
  ): Promise<SendResult> {
    const { signal } = stop;
    if (wasUnknown && connection.reconcile) {
      const found = await sendWithin(clock, signal, (within) => connection.reconcile!(message, within));
      if (found.kind !== "not-sent") return found;
    }
    const { previewId, messageIds } = row;
    if (previewId !== undefined && messageIds.length === 0 && connection.edit) {
      const target = { chatId: row.chatId, messageId: previewId };
      const edited = await sendWithin(clock, signal, (within) => connection.edit!(target, message, within));
      // One that is gone cannot be changed; the reply comes as a message of its own.
      if (edited.kind !== "refused") return edited;
    }
    return await sendWithin(clock, signal, (within) => connection.send(message, within));
  }

  /** In one part where there is a file; its text goes along. */
  function partsOf(row: OutboxRow): OutboxPart[] | string {
    try {
      const parts: OutboxPart[] = row.body.trim() === "" ? [] : channel.format(row.body);
      if (!row.file) return parts.length > 0 ? parts : "the message is empty";
      const [first, ...rest] = parts;
      return [{ text: "", plain: "", ...first, file: row.file }, ...rest];
    } catch (error) {
      return `the text cannot be formatted: ${(error as Error).message}`;
    }
  }

  /** Rejects only when the account stops: then the next start finds the row as being sent, and asks. */
  async function written(write: () => void): Promise<void> {
    for (;;) {
      try {
        return write();
      } catch (error) {
        if (stop.signal.aborted) throw error;
        log.error("a receipt could not be written; trying again", { account: accountId, error });
        await new Promise<void>((resolve) => {
          const again = clock.after(WRITE_AGAIN_MS, resolve);
          stop.signal.addEventListener("abort", () => resolve(again[Symbol.dispose]()), { once: true });
        });
      }
    }
  }

  function tellDown(): void {
    if (stopping) return;
    const { queued, unknown } = outbox.counts(channel.id, accountId);
    if (queued + unknown === 0) return;
    log.warn(
      `message delivery failed: gateway not connected to ${channel.label}; ${waiting(queued + unknown)}`,
      {
        account: accountId,
        fix: `openclaw channels status --probe`,
      },
    );
  }

  return {
    poke,
    async [Symbol.asyncDispose]() {
      stopping = true;
      timer?.[Symbol.dispose]();
      down?.[Symbol.dispose]();
      const late = Promise.withResolvers<void>();
      using _timer = clock.after(STOP_MS, late.resolve);
      await Promise.race([Promise.all(sending.values()), late.promise]);
      stop.abort(new Error("the account is stopped"));
      await Promise.all(sending.values());
      const { queued, unknown } = outbox.counts(channel.id, accountId);
      if (queued + unknown > 0)
        log.warn(`send failed: gateway not connected; ${waiting(queued + unknown)}`, { account: accountId });
    },
  };
}

function waiting(count: number): string {
  return `${count === 1 ? "1 message waits" : `${count} messages wait`} in the outbox`;
}

/** The next part; the reply shows what it answers with its first one. */
function messageOf(row: OutboxRow): OutgoingMessage {
  const index = row.messageIds.length;
  const part = row.parts![index]!;
  return {
    clientId: `${row.id}.${index}`,
    chatId: row.chatId,
    ...(row.threadId !== undefined && { threadId: row.threadId }),
    ...(row.replyToId !== undefined && index === 0 && { replyToId: row.replyToId }),
    text: part.text,
    plain: part.plain,
    ...(part.file && { file: part.file }),
    ...(row.silent && { silent: true }),
    ...(row.firstTriedAt !== undefined && { firstTriedAtMs: row.firstTriedAt }),
  };
}
