import { mkdirSync, realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import { type Clock, systemClock } from "../platform/clock.ts";
import type { Env } from "../platform/env.ts";
import { sha256Hex, writeFileAtomic } from "../platform/files.ts";
import type { Paths } from "../platform/paths.ts";
import { storageFault } from "../platform/storage-fault.ts";
import { type Author, dropVersion, recordFound, recordVersion } from "./history.ts";
import { InvalidConfig, type Issue, issueLines } from "./invalid.ts";
import { keepCopy } from "./kept-copy.ts";
import { checkText, type LoadedConfig } from "./load.ts";
import { bytesUnlike, readConfigFile } from "./read-file.ts";
import { removeStaleDrafts } from "./stale-drafts.ts";
import { ConfigWriteError } from "./write-error.ts";
import { withWriteLock } from "./write-lock.ts";

export interface WriteInput {
  paths: Paths;
  env: Env;
  /** Of this program; stamped into the file. */
  version: string;
  author: Author;
  /** For the history. Without values, which may be secrets: "config set gateway.port". */
  command: string;
  /** The `hash` of the text the write is based on, "" for no file; another text there now refuses the write. */
  baseHash?: string;
  clock?: Pick<Clock, "now">;
  /** Ends the wait for other writers. */
  signal?: AbortSignal;
  /** Goes the whole way but for the writing, without the stamp; nothing on the disk changes. */
  dryRun?: boolean;
}

export interface Updated {
  kind: "written" | "unchanged";
  loaded: LoadedConfig;
}

/** The file was broken before and still is, in fewer places or the same. */
export interface PartlyRepaired {
  kind: "partly";
  /** False when there was nothing to do. */
  written: boolean;
  text: string;
  remaining: readonly Issue[];
}

/** What a write wants the file to say. */
export interface Draft {
  /** The same as before when there is nothing to do. */
  text: string;
  /** The number of the version that is put back. */
  restores?: number;
  /** Which problems of the result forbid the write; without it all do. */
  blames?(remaining: readonly Issue[]): readonly Issue[];
}

/** What there is while no other program of ours writes. */
export interface Current {
  /** Undefined when there is no file. */
  raw: string | undefined;
  nowMs: number;
  dryRun: boolean;
}

const MAX_ATTEMPTS = 5;
export const EMPTY = "{}\n";

/**
 * The one road every write takes: lock, read, draft, stamp, check the whole result as a start would, save what is
 * there as a version if it is none yet, save the result as one, compare and swap. An editor does not know the lock:
 * where it was quicker the draft is made again from what is there then.
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
    const draft = await draftFrom(current);
    if (draft.text === (raw ?? EMPTY)) return await checked(draft, raw, input, "unchanged");
    const text = dryRun ? draft.text : await stamped(draft.text, version, current.nowMs);
    const result = await checked(draft, text, input, "written");
    if (dryRun || commit(input, current, { ...draft, text })) return result;
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
  { blames = (issues) => issues }: Draft,
  text: string | undefined,
  { paths, env }: WriteInput,
  kind: Updated["kind"],
): Promise<Updated | PartlyRepaired> {
  const result = await checkText(text, { paths, env, purpose: "write" });
  if (result.ok) return { kind, loaded: result.loaded };
  if (!(result.fault instanceof InvalidConfig)) throw result.fault;
  const blamed = blames(result.issues);
  if (blamed.length === 0)
    return { kind: "partly", written: kind === "written", text: text ?? EMPTY, remaining: result.issues };
  throw invalid(blamed, result.fault);
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

/** Compare and swap: true when the file was still what the draft was made from and is now the new text. */
function commit(input: WriteInput, { raw, nowMs }: Current, { text, restores }: Draft): boolean {
  const { paths, author, command } = input;
  const file = paths.configPath;
  if (readConfigFile(file) !== raw) return false;
  // Before anything is replaced it is safe in the history, or beside the file where it is no text.
  if (raw !== undefined) recordFound(paths, raw);
  const bytes = bytesUnlike(file, raw);
  if (bytes) keepCopy(file, "bak", bytes, nowMs);
  const entry = { atMs: nowMs, author, command, ...(restores !== undefined && { restores }), text };
  const version = recordVersion(paths, entry);
  let done = false;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (readConfigFile(file) !== raw) return false;
    // Who keeps the config elsewhere and links to it wants the link to stay.
    const target = raw === undefined ? file : realpathSync(file);
    removeStaleDrafts(dirname(target), (name) => name === basename(target));
    writeFileAtomic(target, text);
    done = true;
  } catch (error) {
    const ours = dirname(file) === paths.stateDir ? paths.stateDir : file;
    throw storageFault({ error, path: file, ours }) ?? error;
  } finally {
    if (!done) dropVersion(paths, version);
  }
  return true;
}
