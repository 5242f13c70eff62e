import { type GatewayAuth, requireAuthBeyondLoopback, resolveAuth } from "../access/credentials.ts";
import type { Perimeter } from "../access/origin.ts";
import type { LoadedConfig } from "../config/load.ts";
import { lookAtSavedToken, saveNewToken, setTokenAside } from "../config/saved-token.ts";
import type { Env } from "../platform/env.ts";
import type { LogLevel } from "../platform/log.ts";
import { DEV_PORT, type Paths } from "../platform/paths.ts";
import { DEFAULT_PORT, LIMITS } from "../protocol/limits.ts";
import { type Bind, resolveBind } from "./bind.ts";
import type { ListenAddress } from "./server.ts";
import type { UpgradeLimits } from "./upgrade-limits.ts";

export interface GatewayFlags {
  port?: number;
  bind?: string;
  auth?: string;
  token?: string;
  password?: string;
  allowUnconfigured: boolean;
  verbose: boolean;
}

export interface SettingsInput {
  env: Env;
  paths: Paths;
  loaded: LoadedConfig;
  flags: GatewayFlags;
}

/** Where the gateway listens. */
export interface ListenSettings {
  bind: Bind;
  port: number;
  /** Further listeners; one that is taken is a warning. */
  extra: readonly ListenAddress[];
}

/** What a config means here, after flags, environment, saved state and defaults. */
export interface Settings extends ListenSettings {
  auth: GatewayAuth;
  perimeter: Perimeter;
  logLevel: LogLevel;
  limits: UpgradeLimits;
  /** For people, one line each. */
  notices: readonly string[];
}

/** Throws a Fault (78) where the settings contradict themselves or would leave the gateway open. */
export function resolveSettings({ env, paths, loaded, flags }: SettingsInput): Settings {
  const { gateway = {}, logging } = loaded.config;
  const given = [
    flags.token,
    flags.password,
    env.gateway.token,
    env.gateway.password,
    gateway.auth?.token,
    gateway.auth?.password,
  ].some(Boolean);
  const mode = flags.auth ?? gateway.auth?.mode ?? "token";
  const { savedToken, notices } = tokenOf(paths, !given && mode === "token");
  const bind = resolveBind(flags.bind, loaded.config, {
    inContainer: env.inContainer,
    hasSecret: given || savedToken !== undefined,
  });
  const auth = resolveAuth({
    config: loaded.config,
    env,
    flags,
    savedToken,
    mintToken: () => saveNewToken(paths),
    loopbackOnly: bind.loopbackOnly,
  });
  requireAuthBeyondLoopback(auth, bind.mode, bind.loopbackOnly);
  return {
    bind,
    auth,
    port:
      flags.port ?? env.gateway.port ?? gateway.port ?? (paths.profile === "dev" ? DEV_PORT : DEFAULT_PORT),
    extra: extraListeners(bind, { env, loaded, flags }),
    perimeter: {
      trustedProxies: gateway.trustedProxies ?? [],
      allowedOrigins: gateway.controlUi?.allowedOrigins ?? [],
      loopbackOnly: bind.loopbackOnly,
    },
    logLevel: flags.verbose ? "debug" : logLevel(env.logLevel ?? logging?.level),
    limits: {
      handshakeTimeoutMs: env.handshakeTimeoutMs ?? gateway.handshakeTimeoutMs ?? LIMITS.handshakeTimeoutMs,
      preAuthSocketsPerIp: env.maxPreauthConnectionsPerIp ?? LIMITS.preAuthSocketsPerIp,
    },
    notices,
  };
}

/**
 * The token an earlier start has saved. One that is damaged is set aside; where it was what protects this gateway, a
 * new one takes its place, since a port that was open to its clients must be neither open to all nor shut.
 */
function tokenOf(
  paths: Paths,
  isNeeded: boolean,
): { savedToken: string | undefined; notices: readonly string[] } {
  const saved = lookAtSavedToken(paths);
  if (saved.kind !== "damaged")
    return { savedToken: saved.kind === "token" ? saved.token : undefined, notices: [] };
  const aside = setTokenAside(paths, Date.now());
  const what = `${paths.tokenFile} was damaged and is set aside as ${aside}`;
  if (!isNeeded) return { savedToken: undefined, notices: [`${what}; it was not in use`] };
  const notice = `${what}; clients need the new token: openclaw gateway auth-token --show`;
  return { savedToken: saveNewToken(paths), notices: [notice] };
}

/** The port of older guides, for those who follow one: their curl, proxy and cron lines say 3001 (behaviour.md R1). */
const GUIDE_PORT = 3001;

function extraListeners(bind: Bind, { env, loaded, flags }: Omit<SettingsInput, "paths">): ListenAddress[] {
  const { gateway = {} } = loaded.config;
  const wanted = [...env.gateway.extraPorts, ...(gateway.extraPorts ?? [])].map((port) => ({
    host: bind.host,
    port,
  }));
  const followsGuide = loaded.olderPaths.length > 0 || loaded.envPaths.includes("gateway.mode");
  const portChosen = (flags.port ?? env.gateway.port ?? gateway.port) !== undefined;
  return followsGuide && !portChosen ? [...wanted, { host: "127.0.0.1", port: GUIDE_PORT }] : wanted;
}

/** Other spellings of an existing config: the nearest of our four levels. */
function logLevel(wanted: string | undefined): LogLevel {
  switch (wanted) {
    case "debug":
    case "trace":
      return "debug";
    case "warn":
    case "error":
      return wanted;
    case "fatal":
    case "silent":
      return "error";
    default:
      return "info";
  }
}
