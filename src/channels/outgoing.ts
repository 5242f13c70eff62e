export interface OutgoingMessage {
  /** The outbox's id of this message, the same for every attempt: a nonce where the platform takes one. */
  clientId: string;
  chatId: string;
  threadId?: string;
  replyToId?: string;
  /** In the platform's dialect (`Channel.format`). */
  text: string;
  /** The same without markup, for when the platform cannot read `text`. */
  plain: string;
  file?: OutgoingFile;
  silent?: boolean;
  /** When the first attempt began; what `reconcile` looks behind. */
  firstTriedAtMs?: number;
}

export interface OutgoingFile {
  kind: "image" | "audio" | "voice" | "video" | "file";
  path: string;
  name: string;
  mimeType: string;
}

/** "Delivered" is said only of `sent`: the platform has given the message an id. */
export type SendResult =
  | { kind: "sent"; messageId: string }
  /** The platform has said no for good: "Forbidden: bot was blocked by the user". */
  | { kind: "refused"; reason: RefusalReason; message: string }
  /** Surely not sent; later it may be. */
  | { kind: "failed"; message: string; retryAfterMs?: number }
  /** Nobody knows: the connection broke between the request and its answer. */
  | { kind: "unknown"; message: string };

export type RefusalReason =
  | "forbidden"
  | "no-such-chat"
  | "too-large"
  | "bad-content"
  | "unsupported"
  | "unauthorized";
