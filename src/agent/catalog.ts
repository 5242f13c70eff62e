import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { KNOWN_PROVIDERS, LOCAL_SERVERS } from "./known-providers.ts";
import { keysFor } from "./model-keys.ts";
import { DEMO, type ModelSettings, parseModelRef, resolveModelRef } from "./model-ref.ts";
import type { ModelTarget } from "./provider.ts";

/** A model that is named somewhere, and whether a turn could use it now. */
export interface CatalogModel {
  provider: string;
  id: string;
  name: string;
  alias?: string;
  tags: string[];
  contextWindow?: number;
  reasoning?: boolean;
  input?: readonly string[];
  available: boolean;
  /** With `available: false`. */
  why?: string;
  target?: ModelTarget;
}

export interface CatalogQuery {
  config: Config;
  env: Env;
  /** The agent's own choice stands before that for all. */
  choice?: { primary?: string; fallbacks: readonly string[] } | undefined;
  settings?: ModelSettings | undefined;
  /** Also the usual model of every service that has a key, and the demo. */
  all?: boolean;
}

/** The model in force first, then its fallbacks, then everything else the config names, each once. */
export function modelCatalog({ config, env, choice, settings, all }: CatalogQuery): CatalogModel[] {
  const tags = new Map<string, Set<string>>();
  const note = (ref: string, tag: string) => {
    if (!parseModelRef(ref)) return;
    const known = tags.get(ref) ?? new Set();
    tags.set(ref, known.add(tag));
  };
  const aliases = aliasTable(config, settings);
  const real = (name: string) => aliases.get(name.toLowerCase()) ?? name;
  const chosen = choice ?? defaultChoice(config);
  if (chosen.primary) note(real(chosen.primary), "default");
  for (const ref of chosen.fallbacks) note(real(ref), "fallback");
  for (const ref of aliases.values()) note(ref, "configured");
  for (const ref of Object.keys(config.agents?.defaults?.models ?? {})) note(ref, "configured");
  for (const [provider, { models = [] }] of Object.entries(config.models?.providers ?? {}))
    for (const { id } of models) note(`${provider}/${id}`, "configured");
  if (all) {
    for (const [provider, { defaultModel }] of Object.entries(KNOWN_PROVIDERS))
      if (keysFor(provider, config, env).length > 0) note(`${provider}/${defaultModel}`, "known");
    note(`${DEMO.provider}/${DEMO.model}`, "demo");
  }
  const aliasOf = new Map([...aliases].map(([alias, ref]) => [ref, alias]));
  return [...tags].map(([ref, of]) => entry(ref, [...of], aliasOf.get(ref), { config, env, settings }));
}

function entry(
  ref: string,
  tags: string[],
  alias: string | undefined,
  { config, env, settings }: Pick<CatalogQuery, "config" | "env" | "settings">,
): CatalogModel {
  const { provider, model } = parseModelRef(ref)!;
  const listed = config.models?.providers?.[provider]?.models?.find(({ id }) => id === model);
  const about = { provider, id: model, name: listed?.name ?? model, ...(alias && { alias }), tags };
  try {
    const target = resolveModelRef(ref, config, env, settings);
    const { contextWindow, reasoning, input } = target;
    return {
      ...about,
      ...(contextWindow !== undefined && { contextWindow }),
      ...(reasoning !== undefined && { reasoning }),
      ...(input && { input }),
      available: true,
      target,
    };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ...about, available: false, why: error.message };
  }
}

/** Short names people gave to models, in lower case. */
export function aliasTable(config: Config, settings?: ModelSettings): Map<string, string> {
  const named = { ...config.agents?.defaults?.models, ...settings?.models };
  const table = new Map<string, string>();
  for (const [ref, { alias }] of Object.entries(named)) if (alias) table.set(alias.toLowerCase(), ref);
  return table;
}

/** `agents.defaults.model` in one shape. */
export function defaultChoice(config: Config): { primary?: string; fallbacks: readonly string[] } {
  const model = config.agents?.defaults?.model;
  if (typeof model === "string") return { primary: model, fallbacks: [] };
  const { primary, fallbacks = [] } = model ?? {};
  return { ...(primary !== undefined && { primary }), fallbacks };
}

export interface ProviderAuth {
  provider: string;
  /** "not-needed" for servers on this machine. */
  status: "static" | "missing" | "not-needed";
  /** Where the key was found; never the key. */
  source?: string;
  keys: number;
}

/** Which services have a key: those of the config, and the known ones that have one in the environment. */
export function providerAuth(config: Config, env: Env, all = false): ProviderAuth[] {
  const configured = config.models?.providers ?? {};
  const names = new Set([...Object.keys(configured), ...Object.keys(KNOWN_PROVIDERS)]);
  return [...names].flatMap((provider): ProviderAuth[] => {
    const keys = keysFor(provider, config, env);
    const isConfigured = Object.hasOwn(configured, provider);
    if (keys.length === 0 && !isConfigured && !all) return [];
    const ownKey = isConfigured && configured[provider]?.apiKey !== undefined;
    const known = Object.hasOwn(KNOWN_PROVIDERS, provider) ? KNOWN_PROVIDERS[provider] : undefined;
    const variable = known?.envNames.find((name) => env.get(name));
    const needsNone = !known && !ownKey && (Object.hasOwn(LOCAL_SERVERS, provider) || isConfigured);
    const source = ownKey ? `models.providers.${provider}.apiKey` : (variable ?? known?.envNames[0]);
    return [
      {
        provider,
        status: keys.length > 0 ? "static" : needsNone ? "not-needed" : "missing",
        ...(source && { source }),
        keys: keys.length,
      },
    ];
  });
}
