import type { RunEvent } from "../agent/loop.ts";
import type { ToolDescription } from "../agent/tool.ts";
import type { ContentBlock, TranscriptMessage } from "../protocol/messages.ts";
import type { ReplyAddress } from "../sessions/outbox-row.ts";

/** Doors through which something can make the agent speak. */
export type Surface = "chat.send" | "agent" | "http" | "channel";

/** How a message treats a run that is already going on in its session. */
export type QueueMode = "followup" | "steer" | "collect" | "interrupt";

/** What the door knows of whoever may type commands, and how far they go for them. */
export interface CommandRights {
  /** "settings": how this conversation is answered; "session": also what it consists of. */
  may: "read" | "settings" | "session";
  /** What was typed, where the text says more than that. */
  typed?: string;
}

/** What every door hands in. Parsed and bounded by the door; the turn decides the rest. */
export interface InboundMessage {
  surface: Surface;
  /** Client-chosen idempotency key; the run's id. */
  runId: string;
  /** As the caller wrote it; the route qualifies it. */
  sessionKey: string;
  agentId: string | undefined;
  text: string;
  images: readonly Extract<ContentBlock, { type: "image" }>[];
  queueMode: QueueMode;
  /** Reference "provider/model" for this turn only. */
  model: string | undefined;
  /** How hard the model thinks, for this turn only. */
  thinking?: string | undefined;
  extraSystemPrompt: string | undefined;
  temperature?: number;
  maxTokens?: number;
  /** The caller's own: the model may call them, the caller runs them. They stand before ours of the same name. */
  clientTools?: readonly ToolDescription[];
  /** The answer has to be a call of one of them; ours are not offered then. */
  mustCall?: boolean;
  /** What came after the text in the caller's conversation: calls of its tools and their results. */
  followUp?: readonly TranscriptMessage[];
  /** Present where "/help" is a command; absent where a prompt is a prompt. */
  commands?: CommandRights;
  /** The connection that asked; its clients may see tool details. */
  originConnId: string | undefined;
  /** A restart may answer it later: somebody will look for the reply. */
  resumable: boolean;
  /** The chat that is told how it ended, in one transaction with the end. */
  replyTo?: ReplyAddress;
  /** The platform's id of a message that shows the beginning of the reply already; asked at the end. */
  previewId?: () => string | undefined;
  /** Part of the transaction that puts the turn on disk; not called for a duplicate. */
  onAccept?: () => void;
  /** Sees every step of the run as it happens; must not throw. */
  watch?: (event: RunEvent) => void;
}
