import { randomBytes } from "node:crypto";
import type { Bind } from "../access/bind.ts";
import type { GatewayAuth } from "../access/credentials.ts";
import type { Perimeter } from "../access/origin.ts";
import { decideStart, type StartFlags } from "../access/start-decision.ts";
import type { LoadedConfig } from "../config/load.ts";
import { readSavedToken } from "../config/saved-token.ts";
import type { Env } from "../platform/env.ts";
import { writeFileAtomic } from "../platform/files.ts";
import type { LogLevel } from "../platform/log.ts";
import { DEV_PORT, ensureStateDirs, type Paths } from "../platform/paths.ts";
import { DEFAULT_PORT, LIMITS } from "../protocol/limits.ts";
import type { ListenAddress } from "./listen-on.ts";
import type { TlsWish } from "./tls.ts";
import type { UpgradeLimits } from "./upgrade-limits.ts";

export interface GatewayFlags extends StartFlags {
  port?: number;
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
  /** HTTPS and WSS instead of HTTP and WS, on all of them. */
  tls: TlsWish | undefined;
}

/** What a config means here, after flags, environment, saved state and defaults. */
export interface Settings extends ListenSettings {
  auth: GatewayAuth;
  perimeter: Perimeter;
  logLevel: LogLevel;
  limits: UpgradeLimits;
}

/**
 * The rules of a start and of a reload alike: a running gateway never takes a config it would not start with.
 * Throws the Fault the owner has to act on.
 */
export function resolveSettings({ env, paths, loaded, flags }: SettingsInput): Settings {
  const { gateway = {}, logging } = loaded.config;
  const { bind, auth } = decideStart({
    env,
    loaded,
    flags,
    savedToken: readSavedToken(paths),
    mintToken: () => mintToken(paths),
  });
  const port =
    flags.port ?? env.gateway.port ?? gateway.port ?? (paths.profile === "dev" ? DEV_PORT : DEFAULT_PORT);
  return {
    bind,
    auth,
    port,
    extra: extraListeners(bind, { env, loaded, flags }).filter((address) => address.port !== port),
    tls: tlsWish(gateway.tls, paths),
    perimeter: {
      trustedProxies: gateway.trustedProxies ?? [],
      allowedOrigins:
        gateway.controlUi?.allowedOrigins ?? seededOrigins(bind, port, gateway.tls?.enabled === true),
      loopbackOnly: bind.loopbackOnly,
      allowRealIpFallback: gateway.allowRealIpFallback === true,
      allowTailscale: gateway.auth?.allowTailscale === true,
    },
    logLevel: flags.verbose ? "debug" : logLevel(env.logLevel ?? logging?.level),
    limits: {
      handshakeTimeoutMs: env.handshakeTimeoutMs ?? gateway.handshakeTimeoutMs ?? LIMITS.handshakeTimeoutMs,
      preAuthSocketsPerIp: env.maxPreauthConnectionsPerIp ?? LIMITS.preAuthSocketsPerIp,
    },
  };
}

function tlsWish(
  tls: { enabled?: boolean; certPath?: string; keyPath?: string } | undefined,
  { tlsDir }: Paths,
): TlsWish | undefined {
  if (tls?.enabled !== true) return undefined;
  const { certPath, keyPath } = tls;
  return certPath && keyPath ? { kind: "files", certPath, keyPath } : { kind: "own", dir: tlsDir };
}

/** A gateway beyond loopback knows the addresses its owner types on this machine (behaviour.md H24). */
function seededOrigins({ loopbackOnly }: Bind, port: number, tls: boolean): string[] {
  if (loopbackOnly) return [];
  return ["localhost", "127.0.0.1"].map((host) => `${tls ? "https" : "http"}://${host}:${port}`);
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
  const listed = wanted.some(({ port }) => port === GUIDE_PORT);
  if (!followsGuide || portChosen || listed) return wanted;
  return [...wanted, { host: "127.0.0.1", port: GUIDE_PORT }];
}

/** Made once and kept (behaviour.md R7): restarts never lock anybody out. */
function mintToken(paths: Paths): string {
  ensureStateDirs(paths);
  const token = randomBytes(32).toString("hex");
  writeFileAtomic(paths.tokenFile, `${token}\n`);
  return token;
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
