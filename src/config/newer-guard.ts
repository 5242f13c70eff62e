import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { getAt } from "./path.ts";

const OVERRIDE = "OPENCLAW_ALLOW_OLDER_BINARY_DESTRUCTIVE_ACTIONS";

export interface NewerGuardInput {
  /** The config, or just what its file says. */
  config: unknown;
  /** Of this program. */
  version: string;
  env: Env;
  /** Completes "Refusing to …", e.g. "change the config". */
  action: string;
}

/**
 * Refuses what an older program should not do to a newer config: it may not know every key (signature
 * config-newer-version-guard). Reading is always allowed. Throws `Fault` (1).
 */
export function requireNewEnough({ config, version, env, action }: NewerGuardInput): void {
  const writer = getAt(config, ["meta", "lastTouchedVersion"]);
  if (typeof writer !== "string" || !isNewer(writer, version) || env.get(OVERRIDE) === "1") return;
  throw new Fault(
    `Refusing to ${action} because this OpenClaw binary (${version}) is older than the config last written by OpenClaw ${writer}.`,
    {
      why: `More than one version may be installed. To do it all the same, once: ${OVERRIDE}=1`,
      fix: "which -a openclaw",
    },
  );
}

/** Compares calendar versions such as 2026.11.1; what comes after a hyphen does not count. */
function isNewer(a: string, b: string): boolean {
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

function numbers(version: string): number[] {
  return (version.split("-")[0] ?? "").split(".").map((part) => Number.parseInt(part, 10) || 0);
}
