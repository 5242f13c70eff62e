import { systemClock } from "../platform/clock.ts";
import { sha256Hex } from "../platform/files.ts";
import { commit } from "./commit.ts";
import type { Current, Draft, IncludedEdit, WriteInput } from "./draft.ts";
import { InvalidConfig, type Issue, issueLines } from "./invalid.ts";
import { checkText, type LoadedConfig } from "./load.ts";
import { readConfigFile } from "./read-file.ts";
import { ConfigWriteError } from "./write-error.ts";
import { withWriteLock } from "./write-lock.ts";

export type { WriteInput } from "./draft.ts";

export interface Updated {
  kind: "written" | "unchanged";
  loaded: LoadedConfig;
  /** The included files that have another text now. */
  included: readonly IncludedEdit[];
}

/** The file was broken before and still is, in fewer places or the same. */
export interface PartlyRepaired {
  kind: "partly";
  /** False when there was nothing to do. */
  written: boolean;
  text: string;
  included: readonly IncludedEdit[];
  remaining: readonly Issue[];
}

const MAX_ATTEMPTS = 5;
export const EMPTY = "{}\n";

/**
 * The one road every write takes: lock, read, draft, stamp, check the whole result as a start would, save what is
 * there as a version if it is none yet, save the result as one, compare and swap (`commit.ts`). An editor does not
 * know the lock: where it was quicker the draft is made again from what is there then.
 */
export async function writeConfig(
  input: WriteInput,
  draftFrom: (current: Current) => Promise<Draft>,
): Promise<Updated | PartlyRepaired> {
  const { paths, signal, dryRun } = input;
  if (dryRun) return await attempt(input, draftFrom);
  return await withWriteLock(paths, () => attempt(input, draftFrom), signal);
}

async function attempt(
  input: WriteInput,
  draftFrom: (current: Current) => Promise<Draft>,
): Promise<Updated | PartlyRepaired> {
  const { paths, version, clock = systemClock, dryRun = false } = input;
  for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
    const raw = readConfigFile(paths.configPath, paths.stateDir);
    refuseStale(input, raw);
    const current = { raw, nowMs: clock.now(), dryRun };
    const { included = [], ...draft } = await draftFrom(current);
    const isNew = draft.text !== (raw ?? EMPTY) || included.length > 0;
    if (!isNew) return await checked({ ...draft, included }, raw, input, "unchanged");
    const text = dryRun ? draft.text : await stamped(draft.text, version, current.nowMs);
    const result = await checked({ ...draft, included }, text, input, "written");
    const stampOnly = draft.text === (raw ?? EMPTY);
    if (dryRun || (await commit(input, current, { ...draft, text, included, stampOnly }))) return result;
  }
  throw new ConfigWriteError("stale", "config changed since last load: others keep writing to it", {
    why: `${MAX_ATTEMPTS} attempts in a row met a newer version of ${paths.configPath}.`,
    fix: "openclaw config validate",
  });
}

/** For writes whose draft blames every problem. */
export function whole(written: Updated | PartlyRepaired): Updated {
  if (written.kind === "partly") throw new Error("a draft without `blames` cannot leave problems");
  return written;
}

function refuseStale({ baseHash, paths }: WriteInput, raw: string | undefined): void {
  const hash = raw === undefined ? "" : sha256Hex(raw);
  if (baseHash === undefined || baseHash === hash) return;
  throw new ConfigWriteError("stale", "config changed since last load; re-run config.get and retry", {
    why: `${paths.configPath} is not the text this change was made for. Nothing was written.`,
    fix: "openclaw config diff",
  });
}

async function stamped(text: string, version: string, nowMs: number): Promise<string> {
  const { setInText } = await import("./edit.ts");
  const dated = setInText(text, ["meta", "lastTouchedVersion"], version);
  return setInText(dated, ["meta", "lastTouchedAt"], new Date(nowMs).toISOString());
}

async function checked(
  { included, blames = (issues) => issues }: Required<Pick<Draft, "included">> & Draft,
  text: string | undefined,
  { paths, env }: WriteInput,
  kind: Updated["kind"],
): Promise<Updated | PartlyRepaired> {
  const texts = new Map(included.map((edit) => [edit.real, edit.text]));
  const result = await checkText(text, { paths, env, purpose: "write", included: texts });
  if (result.ok) return { kind, loaded: result.loaded, included };
  if (!(result.fault instanceof InvalidConfig)) throw result.fault;
  const blamed = blames(result.issues);
  if (blamed.length > 0) throw invalid(blamed, result.fault);
  const written = kind === "written";
  return { kind: "partly", written, text: text ?? EMPTY, included, remaining: result.issues };
}

function invalid(issues: readonly Issue[], cause: unknown): ConfigWriteError {
  // The lines would be those of a text nobody has; the paths tell enough.
  const [first = "", ...rest] = issueLines(issues.map(({ path, message }) => ({ path, message })));
  return new ConfigWriteError("invalid", `Config validation failed: ${first}`, {
    issues,
    lines: rest,
    why: "Nothing was written.",
    fix: "openclaw config schema",
    cause,
  });
}
