import { CHECKS } from "../doctor/checks.gen.ts";
import { openFacts } from "../doctor/facts.ts";
import type { Finding } from "../doctor/finding.ts";
import { runChecks } from "../doctor/run.ts";
import { systemHost } from "../platform/host.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import type { SelfCheckInput } from "./self-check.ts";

/** All checks in one round: what one of them forgets to end must not outlive it. */
const ROUND_MS = 10_000;

/** Runs the checks that make sense from inside. */
export async function examineSelf(input: SelfCheckInput): Promise<Finding[]> {
  const { clock, env, paths, reload, observed } = input;
  const facts = openFacts(
    {
      paths,
      env,
      version: PRODUCT_VERSION,
      nowMs: clock.now(),
      host: systemHost(env),
      deep: false,
      async gateway() {
        return {
          holder: { pid: process.pid, port: input.port() },
          host: "127.0.0.1",
          port: input.port(),
          local: true,
          reach: "inside",
          version: PRODUCT_VERSION,
          self: { configReload: reload.status(), ...observed.report(input.trustedProxies()) },
        };
      },
    },
    AbortSignal.timeout(ROUND_MS),
  );
  const { findings } = await runChecks(
    CHECKS.filter(({ where }) => where !== "outside"),
    facts,
  );
  return findings;
}
