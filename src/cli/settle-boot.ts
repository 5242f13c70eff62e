import type { Boot, BootRefusal } from "../platform/boot-ledger.ts";
import { Fault } from "../platform/fault.ts";
import type { Paths } from "../platform/paths.ts";
import { DEFAULT_PORT } from "../protocol/limits.ts";
import type { BootOutcome } from "./await-boot.ts";
import type { CommandContext } from "./context.ts";
import { notReady } from "./not-ready.ts";

export interface SettleInput {
  outcome: BootOutcome;
  /** Of the gateway that was waited for. */
  paths: Paths;
  waitMs: number;
  /** When the wait began. */
  sinceMs: number;
}

/** Says that the awaited gateway is ready, or throws the Fault that says why it is not. */
export async function settleBoot(
  { outcome, paths, waitMs, sinceMs }: SettleInput,
  { io }: Pick<CommandContext, "io">,
): Promise<Boot> {
  if (outcome.kind === "refused") throw refusedStart(outcome.refusal);
  if (outcome.kind === "not-ready") {
    const { boot, gone } = outcome;
    throw await notReady({
      ...{ paths, waitMs, sinceMs, nowMs: Date.now() },
      ...(boot && { boot }),
      ...(gone !== undefined && { gone }),
    });
  }
  const { boot } = outcome;
  const { port } = boot;
  io.out(`Gateway is ready on :${port}`);
  if (port === DEFAULT_PORT) io.note(`notice: listening on :${port} (older guides say 3001)`);
  return boot;
}

/** What a start would print. */
export function refusedStart({ what, lines, why, fix, exitCode }: BootRefusal): Fault {
  return new Fault(what, {
    lines,
    exitCode: exitCode === 2 || exitCode === 75 || exitCode === 78 ? exitCode : 1,
    ...(why && { why }),
    ...(fix && { fix }),
  });
}
