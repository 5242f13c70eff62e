import type { SenderStore } from "../../access/senders/senders.ts";
import type { Capabilities, ProbeResult, Webhook } from "../../channels/channel.ts";
import type { OutletStatus } from "../../channels/outlet.ts";
import type { Outbox } from "../../sessions/outbox.ts";

/** Everything methods, health and status may ask about chat channels. Made at the first use; a gateway without channels loads nothing. */
export interface ChannelDesk extends AsyncDisposable {
  /** Who may write to the bot, and who waits. */
  readonly senders: SenderStore;
  /** After `retry` and `drop` say `pump()`. */
  readonly outbox: Outbox;
  /** Looks at once for what is due in the outbox. */
  pump(): void;
  /** One row per configured account, in the order of the config. */
  accounts(): AccountStatus[];
  /** Asks the platforms now; rows of accounts that cannot be asked say why. */
  probe(
    filter: { channel?: string; accountId?: string },
    timeoutMs: number,
  ): Promise<Map<AccountStatus, ProbeResult>>;
  /** Opens what was stopped or parked (also in safe mode). Throws a GatewayError for an unknown channel or account. */
  start(channel: string, accountId?: string): Promise<AccountStatus[]>;
  /** Until `start` or the next start of the gateway. */
  stop(channel: string, accountId?: string): Promise<AccountStatus[]>;
  /** Puts a message into the outbox and waits for its fate, at most `waitMs`. The same key never sends twice. */
  send(request: SendRequest, waitMs: number): Promise<SendReceipt>;
  react(request: {
    channel: string;
    accountId?: string;
    to: string;
    messageId: string;
    emoji?: string;
  }): Promise<void>;
  capabilities(channel: string): Capabilities | undefined;
  /** Of a live connection whose platform posts to this path. */
  webhookAt(path: string): Webhook | undefined;
}

/** What the supervisor knows about one account, each word with its proof. */
export interface AccountStatus extends OutletStatus {
  channel: string;
  label: string;
  accountId: string;
  name?: string;
  enabled: boolean;
  configured: boolean;
  outbox: { queued: number; unknown: number; failed: number };
}

export interface SendRequest {
  idempotencyKey: string;
  channel: string;
  accountId?: string;
  /** As people write it; the channel's own id of a chat. */
  to: string;
  threadId?: string;
  replyToId?: string;
  text: string;
  filePath?: string;
  silent?: boolean;
}

export type SendReceipt =
  | { kind: "sent"; outboxId: string; messageIds: string[] }
  /** In the outbox, on disk; it goes out when the platform is back. */
  | { kind: "queued"; outboxId: string; reason: string }
  | { kind: "failed"; outboxId: string; reason: string; message: string };

/** The way to the desk. Its code is loaded when a channel is configured, or with the first question. */
export interface ChannelDoor extends AsyncDisposable {
  /** Rejects with `GatewayError` (UNAVAILABLE) where the disk does not let the list of senders be opened. */
  open(): Promise<ChannelDesk>;
  /** Undefined while nothing is loaded: then there is no channel to speak of. */
  peek(): ChannelDesk | undefined;
  /** Makes the connections what the config says; loads nothing while it names no channel. */
  follow(): Promise<void>;
}
