import type { Capabilities, ProbeResult } from "../../channels/channel.ts";

/** Everything methods, health and status may ask about chat channels. Made at the first use; a gateway without channels loads nothing. */
export interface ChannelDesk extends AsyncDisposable {
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
}

/** What the supervisor knows about one account, each word with its proof. */
export interface AccountStatus {
  channel: string;
  label: string;
  accountId: string;
  name?: string;
  enabled: boolean;
  configured: boolean;
  state: "stopped" | "connecting" | "live" | "degraded" | "parked";
  /** Why it is not live. */
  reason?: string;
  /** The one command that helps. */
  fix?: string;
  /** Last completed poll or heartbeat; the age of the proof that it is live. */
  lastProofAt?: number;
  lastInboundAt?: number;
  lastOutboundAt?: number;
  lastStartAt?: number;
  lastError?: string;
  reconnects: number;
  /** When the next attempt is due. */
  nextAttemptAt?: number;
  self?: { id: string; name: string };
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
