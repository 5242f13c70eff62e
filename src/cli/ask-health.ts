import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../platform/fault.ts";
import type { HealthSnapshot } from "../protocol/entities.ts";
import type { CommandContext } from "./context.ts";
import { formatDuration } from "./duration.ts";
import { type GatewayProbe, probeGateway } from "./gateway-probe.ts";
import type { Trouble } from "./trouble.ts";

const RETRY_MS = 250;
/** Trouble that passes by itself while a gateway starts; waiting for anything else would only hide it. */
const PASSING: ReadonlySet<Trouble["kind"]> = new Set(["refused", "timeout", "starting", "closed", "failed"]);

/** `waitMs`: tries until it answers. Throws `Fault` (1) when the time is over, or at once for lasting trouble. */
export async function askHealth(
  context: CommandContext,
  { timeoutMs, waitMs }: { timeoutMs: number; waitMs?: number },
): Promise<HealthSnapshot> {
  const endsAt = performance.now() + (waitMs ?? 0);
  for (;;) {
    const probe = await probeGateway(context, {
      calls: ["health"],
      scopes: ["operator.read"],
      backendFor: "health",
      timeoutMs,
    });
    const { answers, trouble } = probe;
    if (answers.health) return answers.health;
    const passes = trouble === undefined || PASSING.has(trouble.kind);
    if (waitMs === undefined || !passes) throw failure(probe);
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) throw notReady(probe, waitMs);
    await sleep(Math.min(RETRY_MS, leftMs));
  }
}

function failure({ problem, trouble, failed }: GatewayProbe): Fault {
  if (problem) {
    const { what, why, fix } = problem;
    return new Fault(what, { cause: trouble!.cause, ...(why && { why }), ...(fix && { fix }) });
  }
  return new Fault(`gateway call failed: ${failed[0]!.reason}`, {
    why: "the gateway took the connection and did not answer the question",
    fix: "openclaw gateway probe",
  });
}

function notReady({ trouble, failed, target, process }: GatewayProbe, waitMs: number): Fault {
  const last = trouble?.reason ?? failed[0]?.reason ?? "none";
  const paused = process.paused ? `; process ${process.pid} is stopped by a signal` : "";
  return new Fault("timeout waiting for gateway: did not become ready", {
    why: `waited ${formatDuration(waitMs)} for ${target.url}; last answer: ${last}${paused}`,
    fix: process.paused ? `kill -CONT ${process.pid}` : "openclaw logs --tail 50",
    cause: trouble?.cause,
  });
}
