import { ALL_SCOPES } from "../protocol/scopes.ts";
import type { Capability } from "./capability.ts";
import type { CommandContext } from "./context.ts";
import { type GatewayProbe, probeGateway } from "./gateway-probe.ts";
import type { ProbedTarget, ProbeReport } from "./gateway-probe-payload.ts";
import { openTargets, type ProbeTarget, type TargetsInput } from "./gateway-probe-targets.ts";
import { warningsOf } from "./gateway-probe-warnings.ts";
import { openContext } from "./open-context.ts";

/** Asks every gateway this command line can mean, side by side. */
export async function probeAll(context: CommandContext, input: TargetsInput): Promise<ProbeReport> {
  const startedMs = performance.now();
  const { config } = await context.config();
  using targets = await openTargets(context, input);
  const probed = await Promise.all(targets.list.map((each) => probeOne(context, each, input.timeoutMs)));
  const reachable = probed.filter(({ ok }) => ok);
  const primary = reachable[0];
  return {
    ok: primary !== undefined,
    degraded: reachable.some(({ connect }) => !connect.rpcOk),
    ts: Date.now(),
    durationMs: Math.round(performance.now() - startedMs),
    timeoutMs: input.timeoutMs,
    capability: best(reachable.map(({ auth }) => auth.capability)),
    primaryTargetId: primary?.id ?? null,
    warnings: warningsOf(probed, config, targets.tunnelFailed),
    targets: probed,
  };
}

async function probeOne(
  { env, paths, io, verbose, name }: CommandContext,
  { id, target, active, via }: ProbeTarget,
  timeoutMs: number,
): Promise<ProbedTarget> {
  using context = openContext({ env, paths, io, verbose, name, args: { timeout: timeoutMs }, target });
  const probe = await probeGateway(context, {
    calls: ["health", "status", "system-presence", "config.get"],
    scopes: ALL_SCOPES,
    backendFor: "probe",
    timeoutMs,
  });
  const { hello, capability, problem, trouble, failed, answers, facets, handshakeMs } = probe;
  const { health, status, "system-presence": presence } = answers;
  return {
    ...{ id, kind: id, url: target.url, active },
    ...(via !== undefined && { via }),
    ok: hello !== undefined || trouble?.kind === "pairing",
    connect: {
      ok: hello !== undefined,
      rpcOk: hello !== undefined && failed.length === 0,
      scopeLimited: failed.some(({ missingScope }) => missingScope === "operator.read"),
      latencyMs: handshakeMs,
      ...(trouble && { error: trouble.reason }),
    },
    auth: { ...rightsOf(hello), capability },
    ...(hello && { self: { version: hello.server.version, ...bootOf(hello) } }),
    ...(problem && { problem: { ...problem, kind: trouble!.kind } }),
    failed: failed.map(({ method, reason }) => ({ method, reason })),
    facets,
    ...(health && { health }),
    ...(status && { summary: status }),
    ...(presence !== undefined && { presence }),
  };
}

function rightsOf(hello: GatewayProbe["hello"]): { role?: string; scopes: string[] } {
  const { role, scopes = [] } = hello?.auth ?? {};
  return { ...(role !== undefined && { role }), scopes: [...scopes] };
}

/** Other gateways have none. */
function bootOf({ server }: NonNullable<GatewayProbe["hello"]>): { bootId?: string } {
  return server.bootId === undefined ? {} : { bootId: server.bootId };
}

const BEST_FIRST: readonly Capability[] = [
  "admin_capable",
  "write_capable",
  "read_only",
  "connected_no_operator_scope",
  "pairing_pending",
];

function best(capabilities: readonly Capability[]): Capability {
  return BEST_FIRST.find((each) => capabilities.includes(each)) ?? "unknown";
}
