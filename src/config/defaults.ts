import type { Env } from "../platform/env.ts";
import { DEV_PORT, type Paths } from "../platform/paths.ts";
import { DEFAULT_PORT, LIMITS } from "../protocol/limits.ts";
import type { LoadedConfig } from "./load.ts";
import { type ConfigPath, formatPath, getAt } from "./path.ts";
import type { Config } from "./schema.ts";
import { kindOfPath } from "./schema-path.ts";

export interface EffectiveValue {
  value: unknown;
  /** "virtual": an older name, answered from today's keys. */
  source: "config" | "env" | "default" | "virtual";
}

interface Situation {
  paths: Paths;
  env: Env;
}

/** What holds where the config says nothing. Rooms that act on a key have the same value; this is for telling it. */
const DEFAULTS: Readonly<Record<string, (config: Config, situation: Situation) => unknown>> = {
  "gateway.port": (_config, { paths }) => (paths.profile === "dev" ? DEV_PORT : DEFAULT_PORT),
  "gateway.bind": (_config, { env }) => (env.inContainer ? "auto" : "loopback"),
  "gateway.auth.mode": ({ gateway }) =>
    gateway?.auth?.password !== undefined && gateway.auth.token === undefined ? "password" : "token",
  "gateway.reload.mode": () => "hybrid",
  "gateway.controlUi.enabled": () => true,
  "gateway.handshakeTimeoutMs": () => LIMITS.handshakeTimeoutMs,
  "agents.defaults.workspace": (_config, { paths }) => paths.workspaceDir,
  "session.scope": () => "per-sender",
  "session.dmScope": () => "main",
  "cron.enabled": (_config, { env }) => !env.skipCron,
  "logging.level": ({ logging }, { env }) => env.logLevel ?? logging?.level ?? "info",
};

/**
 * What is in force at a path, for `config get`: the environment, the file, the default, an older name.
 * An object nobody has filled is `{}`. Undefined where nothing is set; ask `kindOfPath` whether the key exists.
 */
export function effectiveValue(
  loaded: Pick<LoadedConfig, "config" | "envPaths">,
  path: ConfigPath,
  situation: Situation,
): EffectiveValue | undefined {
  const { config, envPaths } = loaded;
  const name = formatPath(path);
  const virtual = VIRTUAL[name]?.(loaded, situation);
  if (virtual !== undefined) return { value: virtual, source: "virtual" };
  const value = getAt(config, path);
  if (value !== undefined) return { value, source: envPaths.includes(name) ? "env" : "config" };
  const fallback = Object.hasOwn(DEFAULTS, name) ? DEFAULTS[name]!(config, situation) : undefined;
  if (fallback !== undefined) return { value: fallback, source: "default" };
  return kindOfPath(path) === "object" && parentExists(config, path)
    ? { value: {}, source: "default" }
    : undefined;
}

/** An entry of a list or of a map with free names is there or it is not. */
function parentExists(config: Config, path: ConfigPath): boolean {
  return path.every((segment, i) => {
    const above = path.slice(0, i);
    return (
      typeof segment === "string" &&
      (isFixed([...above, segment]) || getAt(config, [...above, segment]) !== undefined)
    );
  });
}

/** True for keys the schema itself names: under a map with free names this made-up key exists as well. */
function isFixed(path: ConfigPath): boolean {
  return kindOfPath([...path.slice(0, -1), "\u0000"]) === undefined;
}

const VIRTUAL: Readonly<
  Record<string, (loaded: Pick<LoadedConfig, "config">, situation: Situation) => unknown>
> = {
  "gateway.host": ({ config }, { env }) => listenHost(config, env.inContainer),
  "gateway.token": ({ config }) => config.gateway?.auth?.token,
};

/** The address the gateway listens on; which one a tailnet gives out is known only when it starts. */
function listenHost({ gateway }: Config, inContainer: boolean): string {
  switch (gateway?.bind ?? "auto") {
    case "lan":
      return "0.0.0.0";
    case "auto":
      return inContainer ? "0.0.0.0" : "127.0.0.1";
    case "custom":
      return gateway?.customBindHost ?? "127.0.0.1";
    case "tailnet":
      return "tailnet";
    default:
      return "127.0.0.1";
  }
}
