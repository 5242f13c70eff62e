import type { OutboxRow, OutboxState } from "./outbox-row.ts";

/** What people and clients are shown of a message in the outbox. */
export interface OutboxEntry {
  id: string;
  channel: string;
  accountId: string;
  to: string;
  threadId?: string;
  state: OutboxState;
  /** Why it has not arrived: a class for programs, a sentence for people. */
  failure?: { class: string; reason: string };
  /** The beginning of it. */
  text: string;
  file?: string;
  /** Messages of the platform it becomes; undefined before the first attempt. */
  parts?: number;
  /** The platform's ids of those that have arrived. */
  messageIds: string[];
  attempts: number;
  createdAt: number;
  updatedAt: number;
  nextAttemptAt: number;
  runId?: string;
}

const TEXT_CHARS = 200;

export function outboxEntry(row: OutboxRow): OutboxEntry {
  const { id, channel, accountId, chatId, threadId, state, failure, body, file, parts, messageIds } = row;
  const { attempts, createdAt, updatedAt, nextAttemptAt, runId } = row;
  return {
    ...{ id, channel, accountId, to: chatId, state, text: body.slice(0, TEXT_CHARS), messageIds, attempts },
    ...{ createdAt, updatedAt, nextAttemptAt },
    ...(threadId !== undefined && { threadId }),
    ...(failure && { failure }),
    ...(file && { file: file.name }),
    ...(parts && { parts: parts.length }),
    ...(runId !== undefined && { runId }),
  };
}
