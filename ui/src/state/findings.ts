import { signal } from "@preact/signals";
import { call, listen, whenFresh } from "../connect/link.ts";

/** What the gateway's own checks found, each with the command that mends it. */
export interface BriefFinding {
  id: string;
  severity: "error" | "warning" | "info";
  title: string;
  fix: string;
}

export interface Status {
  runtimeVersion: string;
  pid: number;
  uptimeMs: number;
  configPath: string;
  logFile: string;
  model?: { provider: string; model: string; detail?: string };
  modelProblem?: string;
  sessions: { count: number; paths?: string[] };
  devices: { paired: number; pending?: number };
  connections: number;
  openTurns: number;
  lastExit?: { text: string };
  processMemory: { rss: number };
  findings: BriefFinding[];
}

export const findings = signal<readonly BriefFinding[]>([]);
export const status = signal<{ at: number; value: Status } | undefined>(undefined);

export async function refreshStatus(): Promise<void> {
  const value = await call<Status>("status");
  status.value = { at: Date.now(), value };
  findings.value = value.findings;
}

whenFresh(() => void refreshStatus().catch(() => {}));
listen(({ event, payload }) => {
  if (event === "doctor.changed") findings.value = (payload as { findings: BriefFinding[] }).findings;
});
