import type { Finding } from "../doctor/finding.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import type { Examination } from "./examine.ts";
import { openOffThread } from "./off-thread.ts";
import { followsFile } from "./reload/status.ts";
import type { SelfCheckInput } from "./self-check.ts";

/** A thread has to come first. */
const PATIENCE_MS = 15_000;

/** What only the gateway knows of itself, for checks that run elsewhere. */
export function examinationOf(
  input: Pick<SelfCheckInput, "clock" | "reload" | "observed" | "port" | "trustedProxies" | "channels">,
): Examination {
  const { clock, reload, observed } = input;
  return {
    nowMs: clock.now(),
    gateway: {
      holder: { pid: process.pid, port: input.port() },
      host: "127.0.0.1",
      port: input.port(),
      local: true,
      reach: "inside",
      version: PRODUCT_VERSION,
      self: {
        configReload: reload.status(),
        channels: input.channels(),
        ...observed.report(input.trustedProxies()),
      },
    },
  };
}

/**
 * Runs the checks from inside. While the config file is broken, or may be, they run beside the main thread: to find out
 * what might put it right takes longer than to read it.
 */
export async function examineSelf(input: SelfCheckInput): Promise<Finding[]> {
  const { clock, env, paths, reload } = input;
  const examination = examinationOf(input);
  if (followsFile(reload.status())) {
    const { examine } = await import("./examine.ts");
    return await examine(examination, { paths, env });
  }
  using thread = openOffThread(clock);
  const job = { kind: "examine", paths, variables: env.variables(), examination } as const;
  return await thread.run(job, AbortSignal.timeout(PATIENCE_MS));
}
