import { CHECKS } from "../doctor/checks.gen.ts";
import { type Facts, openFacts } from "../doctor/facts.ts";
import type { Finding } from "../doctor/finding.ts";
import type { GatewayView } from "../doctor/gateway-view.ts";
import { runChecks } from "../doctor/run.ts";
import type { Env } from "../platform/env.ts";
import { systemHost } from "../platform/host.ts";
import type { Paths } from "../platform/paths.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";

/** What only the gateway knows: plain data, so that the checks can run beside its main thread. */
export interface Examination {
  nowMs: number;
  gateway: GatewayView;
}

/** All checks in one round: what one of them forgets to end must not outlive it. */
const ROUND_MS = 10_000;

/** What is true here, as the gateway sees it from inside. */
export function factsInside(
  { nowMs, gateway }: Examination,
  { paths, env }: { paths: Paths; env: Env },
  signal: AbortSignal,
): Facts {
  return openFacts(
    {
      paths,
      env,
      version: PRODUCT_VERSION,
      nowMs,
      host: systemHost(env),
      deep: false,
      gateway: async () => gateway,
    },
    signal,
  );
}

/** The checks that make sense from inside. */
export const INSIDE_CHECKS = CHECKS.filter(({ where }) => where !== "outside");

export async function examine(
  examination: Examination,
  machine: { paths: Paths; env: Env },
): Promise<Finding[]> {
  const facts = factsInside(examination, machine, AbortSignal.timeout(ROUND_MS));
  const { findings } = await runChecks(INSIDE_CHECKS, facts);
  return findings;
}
