import { type Bind, furtherAddresses, mainPort } from "../access/bind.ts";
import type { GatewayAuth } from "../access/credentials.ts";
import type { Perimeter } from "../access/origin.ts";
import { decideStart, type StartFlags } from "../access/start-decision.ts";
import type { LoadedConfig } from "../config/load.ts";
import { lookAtSavedToken, saveNewToken, setTokenAside } from "../config/saved-token.ts";
import type { Env } from "../platform/env.ts";
import type { LogLevel } from "../platform/log.ts";
import type { Paths } from "../platform/paths.ts";
import { LIMITS } from "../protocol/limits.ts";
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
  /** For people, one line each. */
  notices: readonly string[];
}

/**
 * The rules of a start and of a reload alike: a running gateway never takes a config it would not start with.
 * Throws the Fault the owner has to act on.
 */
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
  const { bind, auth } = decideStart({
    env,
    loaded,
    flags,
    savedToken,
    mintToken: () => saveNewToken(paths),
  });
  const port = flags.port ?? mainPort(loaded.config, paths);
  return {
    bind,
    auth,
    port,
    tls: tlsWish(gateway.tls, paths),
    extra: furtherAddresses(bind, { env, loaded, port, portGiven: flags.port !== undefined }),
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
    notices,
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
