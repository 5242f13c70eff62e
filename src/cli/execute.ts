import { readEnv } from "../platform/env.ts";
import { resolvePaths } from "../platform/paths.ts";
import type { AnyCommand } from "./command.ts";
import type { Globals } from "./globals.ts";
import { processIo } from "./io.ts";
import type { Surroundings } from "./main.ts";
import { openContext } from "./open-context.ts";
import { parseArguments } from "./parse.ts";

/** Runs one command and prints what it returns. Returns the exit code; faults are the caller's. */
export async function execute(
  command: AnyCommand,
  words: readonly string[],
  tokens: readonly string[],
  globals: Globals,
  here?: Surroundings,
): Promise<number> {
  const args = await parseArguments(command, words, tokens);
  const { profile, dev, verbose, noColor, logLevel } = globals;
  const env = { ...readEnv(here?.env), ...(logLevel !== undefined && { logLevel }) };
  using context = openContext({
    env,
    paths: resolvePaths(env, { dev, ...(profile !== undefined && { profile }) }),
    io: here?.io ?? processIo(noColor),
    verbose,
    name: words.join(" "),
    args,
  });
  const data = await command.run(args, context);
  if (command.render) {
    if (args.json === true) context.io.out(JSON.stringify(data, null, 2));
    else command.render(data, context);
  }
  return command.exitCode?.(data) ?? 0;
}
