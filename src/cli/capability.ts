import { hasScope } from "../protocol/scopes.ts";
import type { Trouble } from "./trouble.ts";

/** What a connection may do, as programs read it (protocol.md §12, probe capability). */
export type Capability =
  | "admin_capable"
  | "write_capable"
  | "read_only"
  | "connected_no_operator_scope"
  | "pairing_pending"
  | "unknown";

export function capabilityOf(scopes: readonly string[]): Capability {
  const granted = new Set(scopes);
  if (hasScope(granted, "operator.admin")) return "admin_capable";
  if (hasScope(granted, "operator.write")) return "write_capable";
  return hasScope(granted, "operator.read") ? "read_only" : "connected_no_operator_scope";
}

export function capabilityWithout({ kind }: Pick<Trouble, "kind">): Capability {
  return kind === "pairing" ? "pairing_pending" : "unknown";
}

/** As people read it: `Capability: admin-capable`. */
export function capabilityText(capability: Capability): string {
  return capability.replaceAll("_", "-");
}
