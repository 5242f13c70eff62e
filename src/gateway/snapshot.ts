import type { Attempts } from "../access/attempts.ts";
import type { GatewayAuth } from "../access/credentials.ts";
import type { Perimeter } from "../access/origin.ts";
import type { ConfiguredAgent } from "../config/agents.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { ModelSelection } from "./models.ts";
import type { UpgradeLimits } from "./upgrade-limits.ts";

/** What one accepted config means for the running gateway. Never changed, only replaced as a whole. */
export interface Snapshot {
  loaded: LoadedConfig;
  auth: GatewayAuth;
  perimeter: Perimeter;
  /** Counts failed credentials by the rules of this config; goes on from snapshot to snapshot while they stay. */
  attempts: Attempts;
  limits: UpgradeLimits;
  agents: readonly ConfiguredAgent[];
  models: ModelSelection;
}

/** The snapshot in force. Whoever keeps one over a wait works with authority that may have ended. */
export interface Snapshots {
  current(): Readonly<Snapshot>;
  /** Rises with every replacement. */
  epoch(): number;
  /** The named parts are replaced, the others go on. */
  install(parts: Partial<Snapshot>): void;
}

export function openSnapshots(first: Snapshot): Snapshots {
  let current = Object.freeze({ ...first });
  let epoch = 1;
  return {
    current: () => current,
    epoch: () => epoch,
    install(parts) {
      current = Object.freeze({ ...current, ...parts });
      epoch++;
    },
  };
}
