/** What a platform has brought, in words all platforms share. Everything in it is said by strangers. */
export interface InboundMessage {
  /** The platform's own id, unique within account and chat: what duplicates are told by. */
  messageId: string;
  chat: {
    id: string;
    kind: "direct" | "group";
    title?: string;
    /** A topic or thread within the chat. */
    threadId?: string;
    /** The guild, team or server the chat belongs to. */
    spaceId?: string;
  };
  sender: {
    /** Immutable: numbers on Telegram, account or nick on IRC. The only thing that is ever compared with an allow list. */
    id: string;
    /** What people call them; for display only. */
    name?: string;
    username?: string;
    isBot: boolean;
  };
  text: string;
  /** Set by the adapter: only it knows what a mention looks like on its platform. A reply to us counts. */
  mentionsUs: boolean;
  replyTo?: { messageId: string; senderName?: string; text?: string };
  /** Of an admitted message only, and only then: strangers do not make us download. */
  attachments: InboundAttachment[];
  sentAtMs: number;
  /** A press on a button of ours, not typed text: passes the same gate as a message. */
  viaButton?: boolean;
}

export interface InboundAttachment {
  kind: "image" | "audio" | "video" | "file";
  name?: string;
  mimeType?: string;
  /** As the platform says it; 0 when it does not. */
  bytes: number;
  /** At most `maxBytes`, else it rejects with an error that says so. */
  download(maxBytes: number, signal: AbortSignal): Promise<{ data: Buffer; mimeType: string }>;
}
