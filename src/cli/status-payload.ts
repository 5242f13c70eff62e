import type { Capability } from "./capability.ts";
import type { AccountState } from "./channels/state-text.ts";
import type { Facets } from "./gateway-probe-facet.ts";
import type { ServiceLook } from "./gateway-probe-service.ts";
import type { Surroundings } from "./status-surroundings.ts";

/** What the CLI reads of the `status` answer (protocol.md §9.1). Other gateways send only some of it. */
export interface RunningStatus {
  runtimeVersion?: string;
  pid?: number;
  /** Of the run before, when it did not end in good order. */
  lastExit?: { pid: number; text: string };
  /** It parks what may have crashed the runs before. */
  safeMode?: { text: string };
  configPath?: string;
  logFile?: string;
  model?: { provider: string; model: string; source?: string; detail?: string };
  /** Why there is none. */
  modelProblem?: string;
  sessions?: { count: number; recent?: { key: string; age?: number }[] };
  devices?: { paired: number; pending?: number };
  /** SHA-256 of the certificate, for clients elsewhere to pin. */
  tls?: { fingerprint: string };
  /** Chat platforms: those it knows, and those its config names. */
  channels?: { supported: string[]; configured: string[]; accounts?: ChannelAccountStatus[] };
  scheduler?: { supported: boolean; enabled: boolean };
  openTurns?: number;
  /** What the gateway has found wrong with itself and its machine. */
  findings?: { id: string; severity: "error" | "warning" | "info"; title: string; fix: string }[];
  /** Whether the config file is what the gateway serves. */
  configReload?: { state: string; issues?: string[]; restartNeeded?: string[]; kept?: string[] };
}

/** Of one account of a chat platform. */
export interface ChannelAccountStatus extends AccountState {
  label: string;
  accountId: string;
  enabled: boolean;
  fix?: string;
  outbox?: { queued: number; unknown: number; failed: number };
}

/** A connection that did not come about, in the words of its fault. */
export interface Problem {
  what: string;
  why?: string;
  fix?: string;
}

interface Place {
  url: string;
  local: boolean;
  port: number;
  configPath: string;
  logsDir: string;
}

/** What `openclaw status --json` prints. */
export type StatusReport = Place & {
  capability: Capability;
  facets: Facets;
  /** The service of this profile and others that run a gateway; only where one looked. */
  services?: Pick<ServiceLook, "ours" | "drift" | "others">;
  /** Only with --all. */
  surroundings?: Surroundings;
  durationMs: number;
} & (
    | {
        connected: false;
        state: "stopped" | "starting" | "unreachable";
        problem: Problem;
        /** How the gateway of this state folder ended, when that was not in good order. */
        lastExit?: { pid: number; text: string };
      }
    | {
        connected: true;
        state: "running";
        version: string;
        uptimeMs: number;
        /** Undefined where the gateway did not tell. */
        devices?: { paired: number };
        running: RunningStatus;
        /** It took the connection and no question. */
        problem?: Problem;
      }
  );
