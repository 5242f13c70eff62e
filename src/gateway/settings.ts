import { randomBytes } from "node:crypto";
import { type Bind, furtherAddresses, mainPort } from "../access/bind.ts";
import type { GatewayAuth } from "../access/credentials.ts";
import type { Perimeter } from "../access/origin.ts";
import { decideStart, type StartFlags } from "../access/start-decision.ts";
import type { LoadedConfig } from "../config/load.ts";
import { readSavedToken } from "../config/saved-token.ts";
import type { Env } from "../platform/env.ts";
import { writeFileAtomic } from "../platform/files.ts";
import type { LogLevel } from "../platform/log.ts";
import { ensureStateDirs, type Paths } from "../platform/paths.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { ListenAddress } from "./listen-on.ts";
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
  const port = flags.port ?? mainPort(loaded.config, paths);
  return {
    bind,
    auth,
    port,
    extra: furtherAddresses(bind, { env, loaded, port, portGiven: flags.port !== undefined }),
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
  };
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
