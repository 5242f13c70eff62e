import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { InboundMessage } from "./inbound.ts";
import type { OutgoingMessage, SendResult } from "./outgoing.ts";

/**
 * A chat platform. One file, `channels/<id>/channel.ts`, exports one of these; importing it loads no library. The library
 * is loaded by `connect`, so that a platform nobody has configured costs nothing.
 */
export interface Channel {
  /** The section of the config, the word on the command line: "telegram". */
  id: string;
  /** As people write it: "Telegram". */
  label: string;
  capabilities: Capabilities;
  /** Pure: the accounts of the section `channels.<id>`, also those that cannot run, with what they want. */
  accounts(section: Readonly<Record<string, unknown>>, env: ChannelEnv): ChannelAccount[];
  /**
   * Pure: a reply in Markdown as the platform's messages, split within its limit and never inside a code fence that is not
   * closed and opened again.
   */
  format(markdown: string): FormattedPart[];
  /**
   * Opens one connection; resolves when the platform has told who we are. Rejects with a `ChannelFault` (anything else counts
   * as "protocol"). What it opens ends with `signal`. The supervisor calls again after a failure: nothing of a former
   * connection, its sockets and agents least of all, may be kept.
   */
  connect(input: ConnectInput): Promise<Connection>;
  /**
   * What `channels status --probe` asks, with or without a running connection; each line is one fact. Never throws: what is
   * wrong is in the answer.
   */
  probe(account: ChannelAccount, input: Pick<ConnectInput, "clock" | "log" | "signal">): Promise<ProbeResult>;
}

/** Entries export `defineChannel({…})`; the list of all is generated. */
export const defineChannel = (channel: Channel): Channel => channel;

export interface Capabilities {
  chats: readonly ("direct" | "group" | "thread")[];
  /** The longest text of one message, in the platform's own unit (see `format`). */
  maxTextLength: number;
  edit: boolean;
  react: boolean;
  typing: boolean;
  reply: boolean;
  /** Largest file in bytes, 0 where there are none. */
  maxUploadBytes: number;
  maxDownloadBytes: number;
  /** The platform has a list of commands to choose from. */
  nativeCommands: boolean;
  /** The platform allows one live connection per credential: a reload stops the old one before it starts the new one. */
  exclusive: boolean;
}

/** Where an account may find a credential that is not in the config, e.g. TELEGRAM_BOT_TOKEN for the default account. */
export type ChannelEnv = Readonly<Record<string, string | undefined>>;

export interface ChannelAccount {
  channel: string;
  /** "default" for the account the section itself describes. */
  accountId: string;
  name?: string;
  enabled: boolean;
  /** Undefined when it can run. */
  missing?: { what: string; fix: string };
  /** Differs whenever a connection opened with the former settings has to go. Holds no secret (a hash of them at most). */
  fingerprint: string;
  /** Section and account merged, without what policies need only; the channel alone reads it. May hold secrets: never logged. */
  settings: Readonly<Record<string, unknown>>;
  /** Every secret in `settings`, for the redaction of logs. */
  secrets: readonly string[];
}

export interface ConnectInput {
  account: ChannelAccount;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /**
   * Inbound proof of life: a completed poll (empty or not), an acknowledged heartbeat. Nothing we have sent counts. The
   * supervisor ends a connection that has not proven itself within `Connection.proofWithinMs`.
   */
  onProof(): void;
  /**
   * Hands a message in. Resolves when its fate is on disk, and only then may the platform be told that we have it (Telegram:
   * the next offset). Rejects when it could not be stored: do not acknowledge, end the connection.
   */
  receive(message: InboundMessage): Promise<void>;
  /** What this account kept under `key` ("offset", …) and keeps from now on, durably. Small values only. */
  recall(key: string): string | undefined;
  remember(key: string, value: string): void;
  /** What "/name" does in a chat, for platforms that show a list of it. */
  commands?: readonly { name: string; description: string }[];
}

/** One live connection of one account. */
export interface Connection extends AsyncDisposable {
  self: { id: string; name: string };
  /** How long it may be silent before it counts as dead, e.g. poll time-out and a grace. */
  proofWithinMs: number;
  /** Resolves when the connection has ended by itself. Never rejects. */
  closed: Promise<ChannelFault>;
  /** Never throws. One at a time per chat; the outbox sees to that. */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<SendResult>;
  /** Only with `capabilities.edit`: replaces the text of a message we have sent, for replies that grow. */
  edit?(
    target: { chatId: string; messageId: string },
    part: FormattedPart,
    signal: AbortSignal,
  ): Promise<SendResult>;
  react?(
    target: { chatId: string; messageId: string },
    emoji: string | undefined,
    signal: AbortSignal,
  ): Promise<SendResult>;
  /** "…is typing" for a few seconds; called again while it lasts. Failures do not matter. */
  typing?(target: { chatId: string; threadId: string | undefined }): void;
  /**
   * Whether a message whose sending ended with "unknown" has arrived. "not-sent": surely not, it may be sent again.
   * Without it "unknown" is answered by sending once more.
   */
  reconcile?(message: OutgoingMessage, signal: AbortSignal): Promise<SendResult | { kind: "not-sent" }>;
  /** Only where the platform calls us: what the gateway's port does with these calls. */
  webhook?: Webhook;
}

/** The door of a platform that posts what it has to say. */
export interface Webhook {
  path: string;
  /** By the head of the request alone, in constant time; without it no body is read. */
  admits(headers: Readonly<Record<string, string | string[] | undefined>>): boolean;
  /** Resolves when everything in it is on disk. Rejects when it could not be stored: the platform posts it again. */
  receive(body: unknown): Promise<void>;
}

/** One message of a reply in the platform's dialect, and the same without any markup for when the platform refuses it. */
export interface FormattedPart {
  text: string;
  plain: string;
}

export type FaultKind =
  /** The credential is refused (401). Tried again for a day, ever more slowly: platforms do say 401 in their bad hours. */
  | "auth"
  /** Another program uses the same credential (Telegram 409). */
  | "conflict"
  | "forbidden"
  | "rate-limit"
  /** Refused, reset, no route, no such host. */
  | "network"
  | "timeout"
  /** The platform's own failure (5xx). */
  | "platform"
  /** An answer that makes no sense. */
  | "protocol"
  /** Settings that cannot work: parked until they change. */
  | "config";

export class ChannelFault extends Error {
  readonly kind: FaultKind;
  readonly fix: string | undefined;
  readonly retryAfterMs: number | undefined;

  /** `message` is for people and logs, without secrets; `fix` is one command. */
  constructor(
    kind: FaultKind,
    message: string,
    options: { fix?: string; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "ChannelFault";
    this.kind = kind;
    this.fix = options.fix;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export interface ProbeResult {
  ok: boolean;
  /** "works", or what is wrong: "401 Unauthorized". */
  summary: string;
  /** Facts about the account on its platform. "audit ok" stands for none that needs attention. */
  audit: { ok: boolean; text: string; fix?: string }[];
  self?: { id: string; name: string };
  elapsedMs: number;
}
