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
    nextAttemptAt: row.next_attempt_at as number,
    ...(row.first_tried_at !== null && { firstTriedAt: row.first_tried_at as number }),
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
  };
}
