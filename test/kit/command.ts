import type { Io } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import { type Ended, LAUNCHER, runOpenclaw } from "./process.ts";
import type { StateFolder } from "./state.ts";

// What commands take for the program they belong to.
process.argv[1] = LAUNCHER;

/**
 * A command of the command line in this process, which is a tenth of the work of `runOpenclaw`. Nobody can be asked and
 * nothing piped in. What only another account or another view of the machine shows still takes a process of its own.
 */
export async function runHere(
  line: readonly string[],
  state: StateFolder,
  more: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  if (state.through?.length) return await runOpenclaw(line, state, more);
  const printed = { stdout: "", stderr: "" };
  const io: Io = {
    out(text) {
      printed.stdout += `${text}\n`;
    },
    note(text) {
      printed.stderr += `${text}\n`;
    },
    ...{ terminal: false, watched: false, color: { out: false, note: false } },
  };
  const code = await main(line, { env: { ...state.env, ...more }, io });
  return { code, signal: null, ...printed };
}
