import { readBoots } from "../platform/boot-ledger.ts";
import { findRunningGateway } from "../platform/running-gateway.ts";
import { awaitBoot } from "./await-boot.ts";
import { startBackgroundGateway } from "./background-gateway.ts";
import type { CommandContext } from "./context.ts";
import { settleBoot } from "./settle-boot.ts";
import { stopRunningGateway } from "./stop-gateway.ts";

const START_MS = 30_000;

/**
 * A gateway for one command where none runs: state has one writer, so what a command does by itself goes the same way
 * as everything else. Disposing stops it; one that ran before goes on.
 */
export async function openPassingGateway(context: CommandContext): Promise<AsyncDisposable> {
  const { paths, env, io } = context;
  if (findRunningGateway(paths).kind !== "none") return { async [Symbol.asyncDispose]() {} };
  const known = readBoots(paths);
  const sinceMs = performance.now();
  const { gone } = await startBackgroundGateway(paths, env);
  const outcome = await awaitBoot({ paths, known, waitMs: START_MS, gone });
  const quiet = { io: { ...io, out() {}, note() {} } };
  await settleBoot({ outcome, paths, waitMs: START_MS, sinceMs }, quiet);
  return {
    async [Symbol.asyncDispose]() {
      await stopRunningGateway(findRunningGateway(paths), paths);
    },
  };
}
