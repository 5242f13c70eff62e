import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { sha256Hex } from "../../src/platform/files.ts";
import { runOpenclaw } from "./process.ts";
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

/** `openclaw doctor --json …` by the real binary. */
export async function runDoctor(
  state: StateFolder,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<DoctorAnswer> {
  const { code, stdout, stderr } = await runOpenclaw(["doctor", "--json", ...args], state, env);
  if (stdout === "") throw new Error(`the doctor printed nothing, exit ${code}: ${stderr}`);
  return { code, stderr, ...JSON.parse(stdout) };
}

export function idsOf({ findings }: DoctorAnswer): string[] {
  return findings.map(({ id }) => id);
}

/** Kept by the program about what it does: it grows with every command, and is not what a repair is about. */
const BOOKKEEPING = /^(data\/(doctor|config-history|config\.lock)|logs)(\/|$)/;

/** Every file of a folder with its mode and the hash of its bytes, so that two moments can be compared. */
export function folderState(dir: string): Record<string, string> {
  const entries = readdirSync(dir, { recursive: true, encoding: "utf8" }).map((name) => join(dir, name));
  const state: Record<string, string> = {};
  for (const path of [dir, ...entries]) {
    const name = relative(dir, path);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found || BOOKKEEPING.test(name)) continue;
    const mode = (found.mode & 0o7777).toString(8);
    state[name] = found.isFile() ? `${mode} ${sha256Hex(readFileSync(path))}` : mode;
  }
  return state;
}
