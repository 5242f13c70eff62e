import { COMMANDS } from "./commands.gen.ts";
import type { CommandContext } from "./context.ts";

/** Runs another command with its own defaults and returns its data; undefined where there is none of these words. */
export async function runSibling(
  words: string,
  args: Record<string, unknown>,
  context: CommandContext,
): Promise<unknown> {
  const entry = COMMANDS.find((each) => each.words.join(" ") === words);
  if (!entry || entry.group) return undefined;
  const { default: command } = await entry.load();
  const { parseArguments } = await import("./parse.ts");
  const defaults = await parseArguments(command, entry.words, []);
  return await command.run({ ...defaults, ...args }, { ...context, name: words });
}
