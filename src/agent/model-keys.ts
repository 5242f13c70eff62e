import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import { KNOWN_PROVIDERS } from "./known-providers.ts";

/** More would only be tried after one another. */
const MAX_KEYS = 8;
const MAX_KEY_FILE_CHARS = 16_384;

/**
 * The keys of a provider, the preferred one first: the config's own, else those of the environment. Besides the usual
 * variable, `<NAME>S` may hold several, separated by commas, and `<NAME>_1` to `<NAME>_9` one each.
 */
export function keysFor(provider: string, config: Config, env: Env): string[] {
  const providers = config.models?.providers ?? {};
  const configured = Object.hasOwn(providers, provider) ? providers[provider]?.apiKey : undefined;
  const own = configured === undefined ? undefined : secretValue(configured, env);
  if (own) return [own];
  const names = Object.hasOwn(KNOWN_PROVIDERS, provider) ? KNOWN_PROVIDERS[provider]!.envNames : [];
  const keys = new Set<string>();
  for (const name of names) {
    keys.add(env.get(name) ?? "");
    for (const one of (env.get(`${name}S`) ?? "").split(/[,;\s]+/)) keys.add(one);
    for (let at = 1; at <= 9; at++) keys.add(env.get(`${name}_${at}`) ?? "");
  }
  keys.delete("");
  return [...keys].slice(0, MAX_KEYS);
}

/** Text, or the variable or file a reference names; undefined where there is nothing, or a kind we do not read. */
export function secretValue(secret: unknown, env: Env): string | undefined {
  if (typeof secret === "string") return secret === "" ? undefined : secret;
  const { source, id } = secret as { source?: unknown; id?: unknown };
  if (typeof id !== "string") return undefined;
  if (source === "env") return env.get(id) || undefined;
  if (source !== "file" || !isAbsolute(id)) return undefined;
  try {
    return readFileSync(id, "utf8").slice(0, MAX_KEY_FILE_CHARS).trim() || undefined;
  } catch {
    // Said as "no API key", which names the place to look at.
    return undefined;
  }
}

/** Provider keys may also stand in the config's `env.vars`; the real environment wins. */
export function withConfiguredVariables(env: Env, config: Config): Env {
  const configured = config.env?.vars ?? {};
  return {
    ...env,
    get: (name) => env.get(name) ?? (Object.hasOwn(configured, name) ? configured[name] : undefined),
  };
}
