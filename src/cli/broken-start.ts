import { sinceLastGood } from "../config/since-last-good.ts";
import { Fault } from "../platform/fault.ts";
import type { CommandContext } from "./context.ts";

const MAX_DIFF_LINES = 20;

/** Also as a running gateway has refused a restart: then only the words have come over. */
function isBrokenConfig(error: unknown): error is Fault {
  return error instanceof Fault && error.exitCode === 78 && error.message.startsWith("Invalid config at ");
}

/**
 * What stopped a start, for the person in front of it. A broken config comes with what has changed since a gateway last
 * ran with it, and with the command that repairs it; everything else as it is.
 */
export async function explainStart(
  error: unknown,
  { paths, env }: Pick<CommandContext, "paths" | "env">,
): Promise<unknown> {
  if (!isBrokenConfig(error)) return error;
  const { message, why, exitCode, log } = error;
  // What cannot be compared is left out; the reason for the refusal is what counts.
  const diff = await sinceLastGood({ paths, env }, MAX_DIFF_LINES).catch(() => []);
  const changes = diff.map((line) => `  ${line.replaceAll("\t", "  ")}`);
  const lines = diff.length > 0 ? ["Since the gateway last ran with it:", ...changes] : [];
  return new Fault(message, {
    lines: [...error.lines, ...lines],
    ...(why !== undefined && { why }),
    ...(log !== undefined && { log }),
    fix: "openclaw doctor --fix",
    exitCode,
    cause: error,
  });
}
