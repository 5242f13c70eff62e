import { setTimeout as sleep } from "node:timers/promises";
import type { Boot } from "../platform/boot-ledger.ts";
import type { Paths } from "../platform/paths.ts";
import type { ServiceMachine } from "../platform/service/machine.ts";
import type { ServiceManager, ServiceRef, ServiceState } from "../platform/service/service-manager.ts";
import { awaitBoot } from "./await-boot.ts";
import type { ServiceContext } from "./service-desk.ts";
import { settleBoot } from "./settle-boot.ts";

export interface AwaitServiceInput {
  ref: ServiceRef;
  manager: ServiceManager;
  machine: ServiceMachine;
  /** Of the service. */
  paths: Paths;
  /** Boots that were there before it was started. */
  known: readonly Boot[];
  waitMs: number;
}

const ASK_EVERY_MS = 500;

/** Waits until the gateway of a service is ready; what the supervisor says of its end ends the wait too. */
export async function awaitService(input: AwaitServiceInput, context: ServiceContext): Promise<Boot> {
  const { ref, manager, machine, paths, known, waitMs } = input;
  const sinceMs = Date.now();
  let gone: string | undefined;
  const over = new AbortController();
  const watching = watch();
  const outcome = await awaitBoot({ paths, known, waitMs, gone: () => gone });
  over.abort();
  await watching;
  return await settleBoot({ outcome, paths, waitMs, sinceMs }, context);

  async function watch(): Promise<void> {
    while (!over.signal.aborted) {
      await sleep(ASK_EVERY_MS, undefined, { signal: over.signal }).catch(() => {});
      if (over.signal.aborted) return;
      gone = endOf(await manager.state(ref, machine));
    }
  }
}

function endOf({ runtime, exitCode, signal }: ServiceState): string | undefined {
  if (runtime !== "failed" && runtime !== "stopped") return undefined;
  if (signal !== undefined) return `the service was ended by ${signal}`;
  return exitCode === undefined ? "the service is stopped" : `the service ended with exit code ${exitCode}`;
}
