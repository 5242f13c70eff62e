import { randomUUID } from "node:crypto";
import type { Database } from "../platform/sqlite.ts";

export type OutboxState = "queued" | "sending" | "sent" | "failed" | "unknown";

/** One message of the platform. */
export interface OutboxPart {
  text: string;
  plain: string;
  file?: {
    kind: "image" | "audio" | "voice" | "video" | "file";
    path: string;
    name: string;
    mimeType: string;
  };
}

/** Where an answer goes. JSON. */
export interface ReplyAddress {
  channel: string;
  accountId: string;
  chatId: string;
  threadId?: string;
  /** The message it answers, where the reply is to show that. */
  replyToId?: string;
}

export interface NewOutboxRow {
  /** The same key never makes a second row. */
  idempotencyKey: string;
  channel: string;
  accountId: string;
  chatId: string;
  threadId?: string | undefined;
  replyToId?: string | undefined;
  runId?: string | undefined;
  silent?: boolean | undefined;
  /** Markdown; split into parts with the first attempt. */
  body: string;
  file?: OutboxPart["file"] | undefined;
  previewId?: string | undefined;
}

export interface OutboxRow {
  id: string;
  idempotencyKey: string;
  channel: string;
  accountId: string;
  chatId: string;
  threadId?: string;
  replyToId?: string;
  silent: boolean;
  runId?: string;
  body: string;
  file?: OutboxPart["file"];
  /** Undefined before the first attempt. */
  parts?: OutboxPart[];
  /** The platform's ids of the parts that have arrived, in order: the only proof of delivery. */
  messageIds: string[];
  /** A message of the platform that shows the beginning of this one already. */
  previewId?: string;
  state: OutboxState;
  failure?: { class: string; reason: string };
  /** Of the part that is on its way. */
  attempts: number;
  /** Attempts that may have arrived, and of which the platform could not be asked. */
  ambiguous: number;
  nextAttemptAt: number;
  firstTriedAt?: number;
  createdAt: number;
  updatedAt: number;
}

export function toOutboxRow(row: Record<string, unknown>): OutboxRow {
  return {
    id: row.id as string,
    idempotencyKey: row.idempotency_key as string,
    channel: row.channel as string,
    accountId: row.account_id as string,
    chatId: row.chat_id as string,
    ...(row.thread_id !== null && { threadId: row.thread_id as string }),
    ...(row.reply_to !== null && { replyToId: row.reply_to as string }),
    silent: row.silent === 1,
    ...(row.run_id !== null && { runId: row.run_id as string }),
    body: row.body as string,
    ...(row.file !== null && { file: JSON.parse(row.file as string) as NonNullable<OutboxPart["file"]> }),
    ...(row.parts !== null && { parts: JSON.parse(row.parts as string) as OutboxPart[] }),
    messageIds: JSON.parse(row.message_ids as string) as string[],
    ...(row.preview_id !== null && { previewId: row.preview_id as string }),
    state: row.state as OutboxState,
    ...(row.failure_class !== null && {
      failure: { class: row.failure_class as string, reason: row.failure as string },
    }),
    attempts: row.attempts as number,
    ambiguous: row.ambiguous as number,
    nextAttemptAt: row.next_attempt_at as number,
    ...(row.first_tried_at !== null && { firstTriedAt: row.first_tried_at as number }),
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
  };
}

/** Inside of the caller's transaction, so that a turn and its reply are on disk together. Returns the row's id; a key that is there already makes no other row. */
export function insertOutboxRow(database: Database, row: NewOutboxRow, now: number): string {
  const id = randomUUID();
  database
    .prepare(
      `INSERT OR IGNORE INTO outbox (id, idempotency_key, channel, account_id, chat_id, thread_id, reply_to, silent, run_id, body,
         file, preview_id, state, next_attempt_at, created_at, updated_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'queued', ?13, ?13, ?13)`,
    )
    .run(
      ...[id, row.idempotencyKey, row.channel, row.accountId, row.chatId, row.threadId ?? null],
      ...[row.replyToId ?? null, row.silent ? 1 : 0, row.runId ?? null, row.body],
      ...[row.file ? JSON.stringify(row.file) : null, row.previewId ?? null, now],
    );
  return id;
}
