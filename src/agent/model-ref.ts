import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { KNOWN_PROVIDERS, LOCAL_SERVERS, localBaseUrl } from "./known-providers.ts";
import type { ModelTarget } from "./provider.ts";

export interface ModelRef {
  provider: string;
  /** May contain slashes. */
  model: string;
}

/** The built-in stand-in that needs no key and no network. */
export const DEMO: ModelTarget = { provider: "demo", model: "echo", api: "demo", baseUrl: "" };
export const SET_DEFAULT_MODEL = "openclaw config set agents.defaults.model.primary <provider>/<model>";

/** "provider/model"; the first slash splits. Undefined when either side is missing. */
export function parseModelRef(ref: string): ModelRef | undefined {
  const slash = ref.indexOf("/");
  const provider = ref.slice(0, slash).trim();
  const model = ref.slice(slash + 1).trim();
  return slash > 0 && provider && model ? { provider, model } : undefined;
}

/**
 * Address, key and switches of a model reference. `models.providers.<p>` wins over what is built in, field by field.
 * Throws a Fault (exit code 78) for a malformed reference, an unknown provider or a missing key.
 */
export function resolveModelRef(ref: string, config: Config, env: Env): ModelTarget {
  const parsed = parseModelRef(ref);
  if (!parsed) {
    throw new Fault(`"${ref}" is not a model reference`, {
      why: "a model is named <provider>/<model>, for example openai/gpt-5.5",
      fix: SET_DEFAULT_MODEL,
      exitCode: 78,
    });
  }
  const { provider, model } = parsed;
  if (provider === DEMO.provider) return { ...DEMO, model };

  const configured = configuredProvider(config, provider);
  const known = own(KNOWN_PROVIDERS, provider);
  const local = own(LOCAL_SERVERS, provider);
  const baseUrl = configured?.baseUrl ?? known?.baseUrl ?? (local && localBaseUrl(local.port));
  if (!baseUrl) throw unknownProvider(ref, provider);

  const apiKey = keyFor(provider, config, env);
  if (!apiKey && known && baseUrl === known.baseUrl) throw missingKey(ref, provider, known.envNames);

  const entry = configured?.models?.find((candidate) => candidate.id === model);
  const compat = { ...known?.compat, ...entry?.compat };
  const headers = plainHeaders({ ...configured?.headers, ...entry?.headers });
  const contextWindow = entry?.contextWindow ?? configured?.contextWindow;
  const maxTokens = entry?.maxTokens ?? configured?.maxTokens;
  return {
    provider,
    model,
    api: entry?.api ?? configured?.api ?? known?.api ?? "openai-completions",
    baseUrl: baseUrl.replace(/\/+$/, ""),
    ...(apiKey && { apiKey }),
    ...(headers && { headers }),
    ...(contextWindow && { contextWindow }),
    ...(maxTokens && { maxTokens }),
    ...(Object.keys(compat).length > 0 && { compat }),
  };
}

function configuredProvider(config: Config, provider: string) {
  const providers = config.models?.providers;
  return providers && own(providers, provider);
}

/** A key reference of the config cannot be resolved in this version; the variable is tried instead. */
function keyFor(provider: string, config: Config, env: Env): string | undefined {
  const configured = configuredProvider(config, provider)?.apiKey;
  if (typeof configured === "string" && configured !== "") return configured;
  for (const name of own(KNOWN_PROVIDERS, provider)?.envNames ?? []) {
    const value = env.get(name);
    if (value) return value;
  }
  return undefined;
}

/** As with keys: a reference to a secret kept elsewhere cannot be resolved in this version and is left out. */
function plainHeaders(headers: Record<string, unknown>): Record<string, string> | undefined {
  const plain = Object.entries(headers).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return plain.length > 0 ? Object.fromEntries(plain) : undefined;
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

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
