import type { AnyCommand } from "../../src/cli/command.ts";
import type { Io } from "../../src/cli/io.ts";
import { openContext } from "../../src/cli/open-context.ts";
import { parseArguments } from "../../src/cli/parse.ts";
import { readEnv } from "../../src/platform/env.ts";
import { Fault, faultLines } from "../../src/platform/fault.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import type { StateFolder } from "./state.ts";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** `name` is what is typed before the options: "gateway probe". A command in this process, with what it prints and its exit code: for tests in which the process is not the point. */
export async function runCommand(
  command: AnyCommand,
  [name, ...tokens]: readonly [string, ...string[]],
  state: StateFolder,
  extra: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const printed = { out: "", note: "" };
  const io: Io = {
    out(text) {
      printed.out += `${text}\n`;
    },
    note(text) {
      printed.note += `${text}\n`;
    },
    terminal: false,
    watched: false,
    color: { out: false, note: false },
  };
  const env = readEnv({ ...state.env, ...extra });
  const args = await parseArguments(command, name.split(" "), tokens);
  using context = openContext({ env, paths: resolvePaths(env), io, verbose: false, name, args });
  try {
    const data = await command.run(args, context);
    if (args.json === true) io.out(JSON.stringify(data));
    else command.render?.(data, context);
    return { code: command.exitCode?.(data) ?? 0, stdout: printed.out, stderr: printed.note };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const stderr = `${printed.note}${faultLines(error).join("\n")}\n`;
    return { code: error.exitCode, stdout: printed.out, stderr };
  }
}
