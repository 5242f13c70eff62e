import { hasScope } from "../protocol/scopes.ts";
import type { Trouble } from "./trouble.ts";

/** What a connection may do (protocol.md §12, probe capability). JSON spells it with underscores. */
export type Capability =
  | "admin-capable"
  | "write-capable"
  | "read-only"
  | "connected-no-operator-scope"
  | "pairing-pending"
  | "unknown";

export function capabilityOf(scopes: readonly string[]): Capability {
  const granted = new Set(scopes);
  if (hasScope(granted, "operator.admin")) return "admin-capable";
  if (hasScope(granted, "operator.write")) return "write-capable";
  return hasScope(granted, "operator.read") ? "read-only" : "connected-no-operator-scope";
}

export function capabilityWithout({ kind }: Trouble): Capability {
  return kind === "pairing" ? "pairing-pending" : "unknown";
}
