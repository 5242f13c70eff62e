import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import type { Outbound } from "../platform/outbound.ts";
import { isRecord } from "../protocol/frames.ts";
import { KNOWN_PROVIDERS, LOCAL_SERVERS, localBaseUrl } from "./known-providers.ts";
import { keysFor } from "./model-keys.ts";
import { resolveModelRef } from "./model-ref.ts";
import { bearer, type ModelTarget } from "./provider.ts";

export interface ScannedService {
  provider: string;
  baseUrl: string;
  /** What it says it has; absent where it did not say. */
  models?: string[];
  why?: string;
}

const MAX_BODY_BYTES = 8 * 1024 * 1024;
const MAX_MODELS = 2_000;
const DEADLINES = { connectMs: 5_000, firstByteMs: 10_000, idleMs: 5_000, totalMs: 15_000 };
/** A server on this machine answers at once or is not there. */
const LOCAL_DEADLINES = { connectMs: 400, firstByteMs: 2_000, idleMs: 2_000, totalMs: 3_000 };

/** Asks every service with a key, those of the config, and the usual ports of this machine which models they have. */
export async function scanModels(
  { config, env, only }: { config: Config; env: Env; only?: string | undefined },
  outbound: Outbound,
  signal: AbortSignal,
): Promise<ScannedService[]> {
  const configured = Object.keys(config.models?.providers ?? {});
  const keyed = Object.keys(KNOWN_PROVIDERS).filter((name) => keysFor(name, config, env).length > 0);
  const named = [...new Set([...configured, ...keyed])].filter((name) => only === undefined || name === only);
  const local = Object.keys(LOCAL_SERVERS).filter(
    (name) => !named.includes(name) && (only === undefined || name === only),
  );
  const [services, found] = await Promise.all([
    Promise.all(named.map((name) => scanNamed(name, config, env, outbound, signal))),
    Promise.all(
      local.map(async (provider): Promise<ScannedService> => {
        const baseUrl = localBaseUrl(LOCAL_SERVERS[provider]!.port);
        return { provider, baseUrl, ...(await ask(baseUrl, {}, LOCAL_DEADLINES, outbound, signal)) };
      }),
    ),
  ]);
  return [...services, ...found.filter(({ models }) => models !== undefined || only !== undefined)];
}

async function scanNamed(
  provider: string,
  config: Config,
  env: Env,
  outbound: Outbound,
  signal: AbortSignal,
): Promise<ScannedService> {
  let target: ModelTarget;
  try {
    target = resolveModelRef(`${provider}/any`, config, env);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { provider, baseUrl: "", why: error.message.replace(`${provider}/any`, provider) };
  }
  const { baseUrl, apiKey = "", api } = target;
  const key: Record<string, string> =
    api === "anthropic-messages" && !target.authHeader
      ? { "x-api-key": apiKey, "anthropic-version": "2023-06-01" }
      : bearer(target);
  return {
    provider,
    baseUrl,
    ...(await ask(baseUrl, { ...key, ...target.headers }, DEADLINES, outbound, signal)),
  };
}

async function ask(
  baseUrl: string,
  headers: Readonly<Record<string, string>>,
  deadlines: typeof DEADLINES,
  outbound: Outbound,
  signal: AbortSignal,
): Promise<{ models: string[] } | { why: string }> {
  try {
    const response = await outbound.request({ url: `${baseUrl}/models`, headers, signal, deadlines });
    if (response.status !== 200) {
      response.discard();
      return { why: `it answered ${response.status}` };
    }
    const body: unknown = JSON.parse(await response.text(MAX_BODY_BYTES));
    const data = isRecord(body) && Array.isArray(body.data) ? body.data : [];
    const ids = data.flatMap((entry) => (isRecord(entry) && typeof entry.id === "string" ? [entry.id] : []));
    return { models: ids.slice(0, MAX_MODELS) };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}
