import { join, resolve } from "node:path";
import type { Env } from "../platform/env.ts";
import type { Paths } from "../platform/paths.ts";
import { isRecord } from "../protocol/frames.ts";
import { followIncludes, type IncludedTexts } from "./include.ts";
import { InvalidConfig } from "./invalid.ts";
import { readOlderKeys } from "./legacy.ts";
import { adviceOn } from "./notices.ts";
import { applyOverrides } from "./overrides.ts";
import { parseConfigText } from "./parse.ts";
import { formatPath } from "./path.ts";
import { placeProblems, type Source } from "./place.ts";
import type { AgentEntry, Config } from "./schema.ts";
import { inlineVariables, substitute } from "./substitute.ts";
import { type Problem, validateConfig } from "./validate.ts";

export interface ResolveInput {
  paths: Paths;
  env: Env;
  /**
   * What the result is for. A start (the default) refuses an unset `${NAME}`; a command that looks or writes may run
   * with fewer variables than the gateway, so the value is left out with a notice. A write refuses what a start
   * would put up with.
   */
  purpose?: "start" | "look" | "write";
  /** What is to be in included files, where that is not (yet) on the disk. */
  included?: IncludedTexts;
}

export interface Resolved {
  config: Config;
  source: unknown;
  notices: string[];
  envPaths: string[];
  olderPaths: string[];
  sources: Source[];
}

/**
 * From the text of the main file to the config in force: parse, include, substitute, older keys, validate,
 * overrides. Reads included files, writes nothing. Throws `InvalidConfig` (78).
 */
export async function resolveConfig(text: string | undefined, input: ResolveInput): Promise<Resolved> {
  const { paths, env, purpose = "start", included: texts } = input;
  const file = paths.configPath;
  const parsed = text === undefined ? { value: {}, notices: [] } : await parseConfigText(text, file);
  const main: Source = { file, text: text ?? "{}", value: parsed.value, mount: [] };
  const refuse = async (problems: readonly Problem[], sources: readonly Source[], why?: string) =>
    new InvalidConfig(file, await placeProblems(problems, sources), why === undefined ? {} : { why });

  if (!isRecord(parsed.value)) {
    throw await refuse([{ path: [], message: "Invalid type: expected an object { … }" }], [main]);
  }
  const included = await followIncludes(main, { texts });
  const { sources } = included;

  const inline = inlineVariables(included.value);
  const filled = substitute(included.value, (name) => env.get(name) ?? inline(name));
  const unset = filled.missing.map(({ path, name }) => ({
    path,
    message: `Environment variable ${name} is not set`,
  }));
  if (unset.length > 0 && purpose === "start") {
    const names = list([...new Set(filled.missing.map(({ name }) => name))]);
    throw await refuse(
      unset,
      sources,
      `Set ${names} where this command is started, or write the value into the file.`,
    );
  }

  const older = readOlderKeys(filled.value, env, purpose);
  const checked = validateConfig(older.value);
  if (!checked.ok) throw await refuse(checked.problems, sources);
  const hooks = await hookProblems(checked.config, input);
  if (hooks.length > 0) throw await refuse(hooks, sources);

  const { config, envPaths, notices } = applyOverrides(withAbsoluteWorkspaces(checked.config, input), env);
  return {
    config,
    source: main.value,
    notices: [
      ...parsed.notices,
      ...included.notices,
      ...unset.map(({ path, message }) => `${message}: ${formatPath(path)} is left out`),
      ...older.notices,
      ...notices,
      ...adviceOn(config),
    ],
    envPaths,
    olderPaths: older.paths,
    sources,
  };
}

/** Most configs have no hooks, and do not load what checks them. */
async function hookProblems(config: Config, { paths, env }: ResolveInput): Promise<Problem[]> {
  if (!config.hooks) return [];
  const { hookPathProblems } = await import("./hook-paths.ts");
  return hookPathProblems(config, paths, env.home);
}

const MAX_NAMES = 5;

function list(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return more > 0 ? `${names.slice(0, MAX_NAMES).join(", ")} and ${more} more` : names.join(", ");
}

/** `~` is the home folder, a relative path starts at the state folder; from here on nobody has to ask again. */
function withAbsoluteWorkspaces(config: Config, { paths, env }: ResolveInput): Config {
  if (!config.agents) return config;
  const absolute = <Entry extends AgentEntry>(entry: Entry): Entry =>
    entry.workspace === undefined
      ? entry
      : { ...entry, workspace: resolve(paths.stateDir, expandHome(entry.workspace, env.home)) };
  const { defaults, list, entries } = config.agents;
  return {
    ...config,
    agents: {
      ...config.agents,
      ...(defaults && { defaults: absolute(defaults) }),
      ...(list && { list: list.map(absolute) }),
      ...(entries && {
        entries: Object.fromEntries(Object.entries(entries).map(([id, entry]) => [id, absolute(entry)])),
      }),
    },
  };
}

function expandHome(path: string, home: string): string {
  return /^~(?=$|[/\\])/.test(path) ? join(home, path.slice(1)) : path;
}
