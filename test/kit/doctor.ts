import { runHere } from "./command.ts";
import { imageOf, imageWithout } from "./folder-image.ts";
import type { StateFolder } from "./state.ts";

export interface DoctorAnswer {
  code: number | null;
  stderr: string;
  ok: boolean;
  durationMs: number;
  findings: {
    id: string;
    check: string;
    severity: string;
    title: string;
    evidence: string[];
    why: string;
    fix: string;
    path?: string;
    line?: number;
    repair?: { does: string; level: string; plan: string[] };
  }[];
  repairs?: { id: string; outcome: string; details: string[] }[];
}

/** `openclaw doctor --json …`, in this process where nothing asks for one of its own. */
export async function runDoctor(
  state: StateFolder,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<DoctorAnswer> {
  const { code, stdout, stderr } = await runHere(["doctor", "--json", ...args], state, env);
  if (stdout === "") throw new Error(`the doctor printed nothing, exit ${code}: ${stderr}`);
  return { code, stderr, ...JSON.parse(stdout) };
}

export function idsOf({ findings }: DoctorAnswer): string[] {
  return findings.map(({ id }) => id);
}

/** Kept by the program about what it does: it grows with every command, and is not what a repair is about. */
const BOOKKEEPING = /^(data\/(doctor|config-history|config\.lock)|logs)(\/|$)/;

/** Every file of a folder with rights and hash, so that two moments can be compared. */
export function folderState(dir: string): Record<string, string> {
  return Object.fromEntries(imageWithout(imageOf(dir), (path) => BOOKKEEPING.test(path)));
}
