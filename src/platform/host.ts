import { readFileSync } from "node:fs";
import type { Env } from "./env.ts";

/** The machine as far as one may look at it without changing anything. An interface, because tests describe machines. */
export interface Host {
  platform: NodeJS.Platform;
  /** A text file of the kernel or the system, such as /proc/meminfo; undefined where there is none or it may not be read. */
  text(path: string): string | undefined;
  /** What a program prints on both streams; undefined when it is missing, fails or takes too long. */
  run(command: string, args: readonly string[], signal: AbortSignal): Promise<string | undefined>;
}

const RUN_MS = 1_500;
const MAX_OUTPUT_BYTES = 1_000_000;

export function systemHost(env: Env): Host {
  return {
    platform: process.platform,
    text(path) {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return undefined;
      }
    },
    async run(command, args, signal) {
      const { runChild } = await import("./spawn.ts");
      try {
        const { exitCode, output } = await runChild({
          command,
          args,
          cwd: "/",
          env: env.childEnv(),
          signal,
          timeoutMs: RUN_MS,
          maxOutputBytes: MAX_OUTPUT_BYTES,
        });
        return exitCode === 0 ? output : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
