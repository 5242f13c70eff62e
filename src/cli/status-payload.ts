/** What the CLI reads of the `status` answer (protocol.md §9.1). Other gateways send only some of it. */
export interface RunningStatus {
  runtimeVersion: string;
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
  openTurns?: number;
  /** What the gateway has found wrong with itself and its machine. */
  findings?: { id: string; severity: "error" | "warning" | "info"; title: string; fix: string }[];
  /** Whether the config file is what the gateway serves. */
  configReload?: { state: string; issues?: string[]; restartNeeded?: string[]; kept?: string[] };
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
export type StatusReport =
  | (Place & {
      connected: false;
      state: "stopped" | "starting" | "unreachable";
      problem: Problem;
      /** How the gateway of this state folder ended, when that was not in good order. */
      lastExit?: { pid: number; text: string };
    })
  | (Place & {
      connected: true;
      state: "running";
      version: string;
      uptimeMs: number;
      devices: { paired: number };
      running: RunningStatus;
    });
