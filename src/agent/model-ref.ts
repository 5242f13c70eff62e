import type { AgentEntry, Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { KNOWN_PROVIDERS, LOCAL_SERVERS, localBaseUrl } from "./known-providers.ts";
import { keysFor, secretValue } from "./model-keys.ts";
import type { ModelTarget } from "./provider.ts";

export interface ModelRef {
  provider: string;
  /** May contain slashes. */
  model: string;
}

/** The built-in stand-in that needs no key and no network. */
export const DEMO: ModelTarget = {
  provider: "demo",
  model: "echo",
  api: "demo",
  baseUrl: "",
  cost: { input: 0, output: 0 },
};
/** Speaks through an installed package instead of a protocol of ours. */
export const AI_SDK = "ai-sdk";
export const SET_DEFAULT_MODEL = "openclaw config set agents.defaults.model.primary <provider>/<model>";

/** "provider/model"; the first slash splits. Undefined when either side is missing. */
export function parseModelRef(ref: string): ModelRef | undefined {
  const slash = ref.indexOf("/");
  const provider = ref.slice(0, slash).trim();
  const model = ref.slice(slash + 1).trim();
  return slash > 0 && provider && model ? { provider, model } : undefined;
}

/** What an agent says about its models. */
export type ModelSettings = Pick<AgentEntry, "models" | "params" | "thinkingDefault">;

/**
 * Address, key and switches of a model reference. `models.providers.<p>` wins over what is built in, field by field.
 * Throws a Fault (exit code 78) for a malformed reference, an unknown provider or a missing key.
 */
export function resolveModelRef(
  ref: string,
  config: Config,
  env: Env,
  settings?: ModelSettings,
): ModelTarget {
  return resolveModelTargets(ref, config, env, settings)[0];
}

/** The same once for each key of the provider, the preferred one first. */
export function resolveModelTargets(
  name: string,
  config: Config,
  env: Env,
  settings: ModelSettings = {},
): [ModelTarget, ...ModelTarget[]] {
  const ref = aliasedModel(name, config, settings) ?? name;
  const parsed = parseModelRef(ref);
  if (!parsed) {
    throw new Fault(`"${ref}" is not a model reference`, {
      why: "a model is named <provider>/<model>, for example openai/gpt-5.5",
      fix: SET_DEFAULT_MODEL,
      exitCode: 78,
    });
  }
  const { provider, model } = parsed;
  if (provider === DEMO.provider) return [{ ...DEMO, model }];

  const configured = configuredProvider(config, provider);
  const known = own(KNOWN_PROVIDERS, provider);
  const local = own(LOCAL_SERVERS, provider);
  const baseUrl = configured?.baseUrl ?? known?.baseUrl ?? (local && localBaseUrl(local.port));
  const usesPackage = configured?.api === AI_SDK;
  if (!baseUrl && !usesPackage) throw unknownProvider(ref, provider);

  const [apiKey, ...moreKeys] = keysFor(provider, config, env);
  if (!apiKey && known && !usesPackage && baseUrl === known.baseUrl)
    throw missingKey(ref, provider, known.envNames);

  const entry = configured?.models?.find((candidate) => candidate.id === model);
  const compat = { ...known?.compat, ...entry?.compat };
  const headers = readableHeaders({ ...configured?.headers, ...entry?.headers }, env);
  const contextWindow = smaller(
    entry?.contextWindow ?? configured?.contextWindow,
    entry?.contextTokens ?? configured?.contextTokens,
  );
  const maxTokens = entry?.maxTokens ?? configured?.maxTokens;
  const params = paramsOf(ref, config, settings, [configured?.params, entry?.params]);
  const deadlines = configured && deadlinesOf(configured);
  const target: ModelTarget = {
    provider,
    model,
    // What a name means at its usual address says nothing about a server of somebody's own.
    api:
      entry?.api ??
      configured?.api ??
      (known && (known.speaksEverywhere || baseUrl === known.baseUrl) ? known.api : "openai-completions"),
    // A package knows its own address; a known provider's is not the one it wants.
    baseUrl: (usesPackage ? (configured?.baseUrl ?? "") : (baseUrl ?? "")).replace(/\/+$/, ""),
    ...(apiKey && { apiKey }),
    ...(headers && { headers }),
    ...(contextWindow && { contextWindow }),
    ...(maxTokens && { maxTokens }),
    ...(entry?.input && { input: entry.input }),
    ...(entry?.cost && { cost: entry.cost }),
    ...(entry?.reasoning !== undefined && { reasoning: entry.reasoning }),
    ...((configured?.authHeader || configured?.auth === "token") && { authHeader: true }),
    ...(Object.keys(compat).length > 0 && { compat }),
    ...(Object.keys(params).length > 0 && { params }),
    ...(deadlines && { deadlines }),
  };
  return [target, ...moreKeys.map((key) => ({ ...target, apiKey: key }))];
}

/** The model that somebody gave this short name, in any case. */
export function aliasedModel(name: string, config: Config, settings: ModelSettings = {}): string | undefined {
  const wanted = name.toLowerCase();
  for (const named of [settings.models, config.agents?.defaults?.models])
    for (const [ref, { alias }] of Object.entries(named ?? {}))
      if (alias?.toLowerCase() === wanted) return ref;
  return undefined;
}

type ConfiguredProvider = NonNullable<ReturnType<typeof configuredProvider>>;

/** The nearer to the agent, the stronger. */
function paramsOf(
  ref: string,
  config: Config,
  settings: ModelSettings,
  ofProvider: readonly (Readonly<Record<string, unknown>> | undefined)[],
): Record<string, unknown> {
  const shared = config.agents?.defaults;
  const thinking = settings.thinkingDefault ?? shared?.thinkingDefault;
  return Object.assign(
    thinking === undefined ? {} : { thinking },
    ...ofProvider,
    shared?.params,
    shared?.models && own(shared.models, ref)?.params,
    settings.params,
    settings.models && own(settings.models, ref)?.params,
  );
}

function deadlinesOf({ timeouts, timeoutSeconds }: ConfiguredProvider): ModelTarget["deadlines"] {
  const { connectSeconds, firstByteSeconds, idleSeconds, totalSeconds = timeoutSeconds } = timeouts ?? {};
  const deadlines = {
    ...(connectSeconds && { connectMs: connectSeconds * 1000 }),
    ...(firstByteSeconds && { firstByteMs: firstByteSeconds * 1000 }),
    ...(idleSeconds && { idleMs: idleSeconds * 1000 }),
    ...(totalSeconds && { totalMs: totalSeconds * 1000 }),
  };
  return Object.keys(deadlines).length > 0 ? deadlines : undefined;
}

function configuredProvider(config: Config, provider: string) {
  const providers = config.models?.providers;
  return providers && own(providers, provider);
}

/** A reference to a place we cannot read is left out. */
function readableHeaders(headers: Record<string, unknown>, env: Env): Record<string, string> | undefined {
  const readable: Record<string, string> = {};
  for (const [name, secret] of Object.entries(headers)) {
    const value = secretValue(secret, env);
    if (value !== undefined) readable[name] = value;
  }
  return Object.keys(readable).length > 0 ? readable : undefined;
}

function unknownProvider(ref: string, provider: string): Fault {
  const names = [...Object.keys(KNOWN_PROVIDERS), ...Object.keys(LOCAL_SERVERS), DEMO.provider].join(", ");
  return new Fault(`unknown model provider "${provider}" in "${ref}"`, {
    why: `built in are ${names}; any other needs its address in the config`,
    fix: `openclaw config set models.providers.${provider}.baseUrl <https://…/v1>`,
    exitCode: 78,
  });
}

function missingKey(ref: string, provider: string, envNames: readonly string[]): Fault {
  return new Fault(`no API key for ${ref}`, {
    why: `neither ${envNames.join(" nor ")} is set in the environment of the gateway, nor models.providers.${provider}.apiKey in the config`,
    fix: `openclaw config set models.providers.${provider}.apiKey <key>`,
    exitCode: 78,
  });
}

function smaller(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
