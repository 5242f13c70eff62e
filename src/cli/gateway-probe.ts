import { ALL_SCOPES, type Scope } from "../protocol/scopes.ts";
import { type Capability, capabilityOf, capabilityWithout } from "./capability.ts";
import type { CommandContext } from "./context.ts";
import type { Problem } from "./status-payload.ts";
import { troubleFault } from "./trouble-fault.ts";

export interface Probe {
  ok: boolean;
  capability: Capability;
  version?: string;
  /** Outcome of a call that needs operator.read; only where one was asked for. */
  read?: { ok: boolean; error?: string };
  problem?: Problem & { kind: string };
}

/**
 * Connects the way every other command does and looks at the rights it gets. A client of mode "probe" would be
 * given none without a device identity (protocol.md §4.3) and could only report that.
 */
export async function probeGateway(
  context: CommandContext,
  { read, timeoutMs }: { read: boolean; timeoutMs: number },
): Promise<Probe> {
  const scopes: readonly Scope[] = read ? ["operator.read"] : ALL_SCOPES;
  const reached = await context.reach({ scopes });
  if (reached.kind === "trouble") {
    const { trouble } = reached;
    const { message, why, fix } = troubleFault(trouble, await context.target(), "check", context.name);
    const problem = { kind: trouble.kind, what: message, why, fix };
    return { ok: false, capability: capabilityWithout(trouble), problem };
  }
  const { hello, call } = reached.connection;
  const probe = { ok: true, capability: capabilityOf(hello.auth.scopes), version: hello.server.version };
  if (!read) return probe;
  const outcome = await call("status", {}, { timeoutMs }).then(
    () => ({ ok: true }),
    (error: Error) => ({ ok: false, error: error.message }),
  );
  return { ...probe, read: outcome };
}
