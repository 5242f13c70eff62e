import type { HealthSnapshot } from "../protocol/entities.ts";
import type { Capability } from "./capability.ts";
import type { Facets } from "./gateway-probe-facet.ts";
import type { TargetId } from "./gateway-probe-targets.ts";
import type { Problem, RunningStatus } from "./status-payload.ts";

/** What `openclaw gateway probe --json` prints. */
export interface ProbeReport {
  /** At least one of them can be reached. */
  ok: boolean;
  /** One took the connection and did not answer all that was asked. */
  degraded: boolean;
  ts: number;
  durationMs: number;
  timeoutMs: number;
  /** The best one. */
  capability: Capability;
  primaryTargetId: TargetId | null;
  warnings: ProbeWarning[];
  targets: ProbedTarget[];
}

export interface ProbedTarget {
  id: TargetId;
  kind: TargetId;
  url: string;
  active: boolean;
  via?: string;
  ok: boolean;
  connect: { ok: boolean; rpcOk: boolean; scopeLimited: boolean; latencyMs: number; error?: string };
  auth: { role?: string; scopes: string[]; capability: Capability };
  /** Tells one gateway from another. */
  self?: { version: string; bootId?: string };
  problem?: Problem & { kind: string };
  /** Calls that were not answered. */
  failed: { method: string; reason: string }[];
  facets: Facets;
  health?: HealthSnapshot;
  summary?: RunningStatus;
  presence?: unknown;
}

export type WarningCode =
  | "ssh_tunnel_failed"
  | "multiple_gateways"
  | "probe_scope_limited"
  | "probe_followup_failed"
  | "auth_secretref_unresolved";

export interface ProbeWarning {
  code: WarningCode;
  message: string;
  /** What it rests on. */
  detail?: string;
  fix: string;
  targetIds?: TargetId[];
}
