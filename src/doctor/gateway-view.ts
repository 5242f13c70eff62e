import type { Finding } from "./finding.ts";

/** How the gateway of this state folder looks from where the checks run. */
export interface GatewayView {
  /** Who holds the state lock, as far as the pid file tells; undefined when nobody does. */
  holder: { pid?: number; port?: number; startedAtMs?: number; version?: string } | undefined;
  /** Where a client looks for it. */
  host: string;
  port: number;
  /** False when the config sends commands to a gateway on another machine. */
  local: boolean;
  reach: Reach;
  /** Why a client does not get in, short; with everything but "inside" and "connected". */
  reason?: string;
  version?: string;
  uptimeMs?: number;
  /** What only the gateway itself can tell; with "inside". */
  self?: SelfReport;
  /** What the gateway has found about itself; with "connected". */
  findings?: readonly Finding[];
}

/**
 * `inside`: the checks run in the gateway. `down`: nothing listens. `not-ready`: it listens and does not take work yet,
 * or no more. `foreign`: something listens that is no gateway. `refused`: the credentials of this place are not
 * accepted. `silent`: no answer in time.
 */
export type Reach = "inside" | "connected" | "down" | "not-ready" | "foreign" | "refused" | "silent";

export interface SelfReport {
  configReload: {
    state: "current" | "invalid" | "partial" | "restart-needed" | "off";
    issues?: readonly string[];
    restartNeeded?: readonly string[];
    kept?: readonly string[];
  };
  /** Proxies whose forwarding headers were refused, because nobody lists them. */
  refusedProxies: readonly RefusedProxy[];
  /** Sockets behind a proxy that broke while nobody said anything. */
  brokenSockets: readonly BrokenSocket[];
  channels: readonly ChannelSeen[];
}

/** How the connection of an account of a chat platform stands, by what the gateway has seen of it. */
export interface ChannelSeen {
  channel: string;
  label: string;
  accountId: string;
  enabled: boolean;
  configured: boolean;
  state: "stopped" | "connecting" | "live" | "degraded" | "parked";
  reason?: string;
  fix?: string;
  lastProofAt?: number;
  outbox: { queued: number; unknown: number; failed: number };
}

export interface RefusedProxy {
  address: string;
  count: number;
  lastAtMs: number;
}

export interface BrokenSocket {
  /** Of the proxy. */
  address: string;
  /** Since the last frame in either direction. */
  idleMs: number;
  atMs: number;
}
