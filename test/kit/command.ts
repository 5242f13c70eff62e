import type { Io } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import { type Ended, LAUNCHER, runOpenclaw } from "./process.ts";
import type { StateFolder } from "./state.ts";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

// What commands take for the program they belong to.
process.argv[1] = LAUNCHER;

/**
 * A command of the command line in this process: a tenth of the work of `runOpenclaw`, which is for what a process is
 * the point of. Nobody can be asked, nothing can be piped in, and the account and the view of the machine are our own.
 */
export async function runHere(
  line: readonly string[],
  state: StateFolder,
  more: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  if (state.through?.length) throw new Error("this folder is seen by processes of its own only");
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
  return { code, ...printed };
}

/** How commands are run on this folder with the least work. */
export function commandOn(
  state: StateFolder,
): (...given: Parameters<typeof runHere>) => Promise<Pick<Ended, "code" | "stdout" | "stderr">> {
  return state.through?.length ? runOpenclaw : runHere;
}
