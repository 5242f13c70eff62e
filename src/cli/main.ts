import { BUILD_COMMIT, PRODUCT_VERSION } from "../protocol/version.ts";
import { COMMANDS } from "./commands.gen.ts";
import { findCommand } from "./find-command.ts";
import { type Globals, splitGlobals } from "./globals.ts";
import type { Io } from "./io.ts";

/** In the place of the environment and the streams of this process. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  io: Io;
}

/**
 * The command line. Returns the exit code: 0 fine, 1 failed, 2 wrong usage, 75 temporary, 78 configuration.
 * Printing the version or a list of commands loads nothing but this file and what it imports.
 */
export async function main(argv: readonly string[], here?: Surroundings): Promise<number> {
  try {
    const { globals, rest } = splitGlobals(argv);
    const print = (text: string) => (here ? here.io.out(text) : void process.stdout.write(`${text}\n`));
    if (globals.version) return printVersion(globals, print);
    return await runCommand(globals, rest, print, here);
  } catch (error) {
    const { report } = await import("./report.ts");
    return report(error, argv, here?.io);
  }
}

function printVersion({ verbose }: Globals, print: (text: string) => void): number {
  const lines = [`OpenClaw ${PRODUCT_VERSION} (${BUILD_COMMIT})`];
  if (verbose) lines.push(`program  ${process.argv[1]}`, `node     ${process.version} ${process.execPath}`);
  print(lines.join("\n"));
  return 0;
}

async function runCommand(
  globals: Globals,
  rest: readonly string[],
  print: (text: string) => void,
  here: Surroundings | undefined,
): Promise<number> {
  const asksForHelp = rest[0] === "help";
  const found = findCommand(COMMANDS, asksForHelp ? rest.slice(1) : rest);
  if (found.kind === "unknown-command" || found.kind === "unknown-option") {
    const { unknownWord } = await import("./unknown-word.ts");
    throw unknownWord(COMMANDS, found);
  }
  const help = globals.help || asksForHelp;
  if (found.kind !== "command" || (help && found.group)) {
    const { groupHelp } = await import("./group-help.ts");
    print(groupHelp(COMMANDS, "group" in found ? found.group : undefined));
    return 0;
  }
  const { words } = found.entry;
  const { default: command } = await found.entry.load();
  if (help) {
    const { commandHelp } = await import("./command-help.ts");
    print(commandHelp(command, words));
    return 0;
  }
  const { execute } = await import("./execute.ts");
  return execute(command, words, found.args, globals, here);
}
