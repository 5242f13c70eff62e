import { COMMANDS } from "../../src/cli/commands.gen.ts";
import { findCommand } from "../../src/cli/find-command.ts";
import { openContext } from "../../src/cli/open-context.ts";
import { parseArguments } from "../../src/cli/parse.ts";
import { UsageError } from "../../src/cli/usage.ts";
import { readEnv } from "../../src/platform/env.ts";
import { Fault, faultLines } from "../../src/platform/fault.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import type { StateFolder } from "./state.ts";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** A command of the command line in this process: its parser, its code, its output, as in `runOpenclaw` without the process. */
export async function runHere(
  line: readonly string[],
  state: StateFolder,
  more: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const found = findCommand(COMMANDS, line);
  if (found.kind !== "command") throw new Error(`no command: ${line.join(" ")}`);
  const printed = { stdout: "", stderr: "" };
  const io = {
    out(text: string) {
      printed.stdout += `${text}\n`;
    },
    note(text: string) {
      printed.stderr += `${text}\n`;
    },
    ...{ terminal: false, watched: false, color: { out: false, note: false } },
  };
  try {
    const { words } = found.entry;
    const { default: command } = await found.entry.load();
    const args = await parseArguments(command, words, found.args);
    const env = readEnv({ ...state.env, ...more });
    using context = openContext({
      env,
      paths: resolvePaths(env),
      io,
      verbose: false,
      name: words.join(" "),
      args,
    });
    const data = await command.run(args, context);
    if (command.render && args.json === true) io.out(JSON.stringify(data, null, 2));
    else command.render?.(data, context);
    return { code: command.exitCode?.(data) ?? 0, ...printed };
  } catch (error) {
    if (error instanceof UsageError) return { code: 2, ...printed, stderr: `openclaw: ${error.message}\n` };
    if (!(error instanceof Fault)) throw error;
    return { code: error.exitCode, ...printed, stderr: `${printed.stderr}${faultLines(error).join("\n")}\n` };
  }
}
