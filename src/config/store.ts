import { mkdirSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { type Clock, systemClock } from "../platform/clock.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { writeFileAtomic } from "../platform/files.ts";
import type { Paths } from "../platform/paths.ts";
import { storageFault } from "../platform/storage-fault.ts";
import { followIncludes } from "./include.ts";
import { InvalidConfig, issueLines } from "./invalid.ts";
import type { ConfigEdit } from "./legacy-write.ts";
import { type LoadedConfig, loadText } from "./load.ts";
import { requireNewEnough } from "./newer-guard.ts";
import { parseConfigText } from "./parse.ts";
import { readConfigFile } from "./read-file.ts";
import { refuseIncluded, refuseLostMode, refusePlaceholders, refuseReservedKeys } from "./write-guard.ts";

export interface WriteInput {
  paths: Paths;
  env: Env;
  /** Of this program; stamped into the file. */
  version: string;
  clock?: Pick<Clock, "now">;
}

export interface UpdateInput extends WriteInput {
  /** Applied in order. */
  edits: readonly ConfigEdit[];
}

export interface Updated {
  kind: "written" | "unchanged";
  loaded: LoadedConfig;
}

const MAX_ATTEMPTS = 5;

/**
 * Writes the first config, 0600. Throws `Fault` (1) when there is one already, or when the value is not valid.
 */
export async function createConfig(
  input: WriteInput & { value: Record<string, unknown> },
): Promise<LoadedConfig> {
  const { paths, value } = input;
  const text = `${JSON.stringify({ ...value, meta: stamp(input) }, null, 2)}\n`;
  const loaded = await validated(text, input);
  if (commit(paths, undefined, text)) return loaded;
  throw new Fault(`There is a config already: ${paths.configPath}`, { fix: "openclaw config validate" });
}

/**
 * Changes the config file: only the edited values and the stamp in `meta` differ afterwards, comments and layout
 * stay. A missing file is made. Nothing is written unless the result passes the whole load pipeline, and never over
 * a change somebody else made meanwhile: the edits are applied again to what is there then.
 * Throws `Fault` (1) for a refused write and `InvalidConfig` (78) for a file that cannot be read as it is.
 */
export async function updateConfig(input: UpdateInput): Promise<Updated> {
  const { paths, env, version, edits } = input;
  const file = paths.configPath;
  refuseReservedKeys(edits);
  refusePlaceholders(file, edits);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const before = readConfigFile(file, paths.stateDir);
    const { value, sources } = await readMerged(before ?? "{}\n", file);
    requireNewEnough({ config: value, version, env, action: "change the config" });
    refuseIncluded(sources, edits);
    const edited = await applyEdits(before ?? "{}\n", edits);
    if (edited === (before ?? "{}\n")) return { kind: "unchanged", loaded: await validated(before, input) };

    refuseLostMode(file, value, (await readMerged(edited, file)).value);
    const { lastTouchedVersion, lastTouchedAt } = stamp(input);
    const text = await applyEdits(edited, [
      { path: ["meta", "lastTouchedVersion"], value: lastTouchedVersion },
      { path: ["meta", "lastTouchedAt"], value: lastTouchedAt },
    ]);
    const loaded = await validated(text, input);
    if (commit(paths, before, text)) return { kind: "written", loaded };
  }
  throw new Fault("config changed since last load: others keep writing to it", {
    why: `${MAX_ATTEMPTS} attempts in a row met a newer version of ${file}.`,
    fix: "openclaw config validate",
  });
}

function stamp({ version, clock = systemClock }: WriteInput): {
  lastTouchedVersion: string;
  lastTouchedAt: string;
} {
  return { lastTouchedVersion: version, lastTouchedAt: new Date(clock.now()).toISOString() };
}

async function applyEdits(text: string, edits: readonly ConfigEdit[]): Promise<string> {
  const { setInText, unsetInText } = await import("./edit.ts");
  return edits.reduce(
    (out, { path, value }) => (value === undefined ? unsetInText(out, path) : setInText(out, path, value)),
    text,
  );
}

async function readMerged(text: string, file: string) {
  const { value } = await parseConfigText(text, file);
  return await followIncludes({ file, text, value, mount: [] });
}

async function validated(text: string | undefined, { paths, env }: WriteInput): Promise<LoadedConfig> {
  try {
    return await loadText(text, { paths, env, purpose: "write" });
  } catch (error) {
    if (!(error instanceof InvalidConfig)) throw error;
    // The lines would be those of a text nobody has; the paths tell enough.
    const [first = "", ...rest] = issueLines(error.issues.map(({ path, message }) => ({ path, message })));
    throw new Fault(`Config validation failed: ${first}`, {
      lines: rest,
      why: "Nothing was written.",
      fix: "openclaw config schema",
      cause: error,
    });
  }
}

/** Compare and swap: true when the file was still what the caller has read and is now the new text. */
function commit(paths: Paths, before: string | undefined, text: string): boolean {
  const file = paths.configPath;
  if (readConfigFile(file) !== before) return false;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // Who keeps the config elsewhere and links to it wants the link to stay.
    writeFileAtomic(before === undefined ? file : realpathSync(file), text);
  } catch (error) {
    const ours = dirname(file) === paths.stateDir ? paths.stateDir : file;
    throw storageFault({ error, path: file, ours }) ?? error;
  }
  return true;
}
