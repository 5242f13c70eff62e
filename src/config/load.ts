import { Fault } from "../platform/fault.ts";
import { sha256Hex } from "../platform/files.ts";
import { InvalidConfig, type Issue } from "./invalid.ts";
import { readConfigFile } from "./read-file.ts";
import { type ResolveInput, resolveConfig } from "./resolve.ts";
import type { Config } from "./schema.ts";

export type { Config } from "./schema.ts";
export type LoadInput = ResolveInput;

/** One accepted version of the config; a later change makes a new one. */
export interface LoadedConfig {
  path: string;
  exists: boolean;
  /** The bytes of the main file as text. */
  raw: string | undefined;
  /** SHA-256 of `raw` in hex; "" when there is no file. */
  hash: string;
  /** In force: includes, substitution, older keys and overrides applied. Defaults are not filled in. */
  config: Config;
  /** What the main file says, before includes and substitution. */
  source: unknown;
  /** For people, one line each; printed on stderr with the prefix `notice:`. */
  notices: string[];
  /** Paths whose value comes from the environment, e.g. "gateway.port". */
  envPaths: string[];
  /** Which words of older guides the file uses, e.g. "gateway.host" (behaviour.md R1). */
  olderPaths: string[];
  /** The main file and everything it includes, absolute. */
  files: string[];
  /** Of the texts of all of them; another one means that somebody has edited something. */
  filesHash: string;
}

/**
 * Reads the config; never touches the file. A missing file is an empty config.
 * Throws `InvalidConfig` (78), which lists every problem with line and column, or a `Fault` (78) for a file that may
 * not be read.
 */
export async function loadConfig(input: LoadInput): Promise<LoadedConfig> {
  const { configPath, stateDir } = input.paths;
  return await loadText(readConfigFile(configPath, stateDir), input);
}

/** The same for text that is not (yet) in the file. */
export async function loadText(raw: string | undefined, input: LoadInput): Promise<LoadedConfig> {
  const { config, source, notices, envPaths, olderPaths, sources } = await resolveConfig(raw, input);
  return {
    path: input.paths.configPath,
    exists: raw !== undefined,
    raw,
    hash: raw === undefined ? "" : sha256Hex(raw),
    config,
    source,
    notices,
    envPaths,
    olderPaths,
    files: sources.map(({ file }) => file),
    filesHash: sha256Hex(sources.map(({ file, text }) => `${file}\0${sha256Hex(text)}`).join("\n")),
  };
}

export type Checked =
  | { ok: true; loaded: LoadedConfig }
  | { ok: false; fault: Fault; issues: readonly Issue[] };

/** `loadConfig` for those who want to list what is wrong. Throws only what is no `Fault`. */
export async function checkConfig(input: LoadInput): Promise<Checked> {
  return await checkedBy(() => loadConfig(input));
}

/** The same for text that is not (yet) in the file. */
export async function checkText(raw: string | undefined, input: LoadInput): Promise<Checked> {
  return await checkedBy(() => loadText(raw, input));
}

async function checkedBy(load: () => Promise<LoadedConfig>): Promise<Checked> {
  try {
    return { ok: true, loaded: await load() };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return { ok: false, fault, issues: fault instanceof InvalidConfig ? fault.issues : [] };
  }
}
