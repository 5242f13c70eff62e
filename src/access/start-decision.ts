import type { LoadedConfig } from "../config/load.ts";
import { requireNewEnough } from "../config/newer-guard.ts";
import type { Config } from "../config/schema.ts";
import { requireGatewayMode } from "../config/start-guard.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import { type Bind, resolveBind } from "./bind.ts";
import { type AuthFlags, type GatewayAuth, requireAuthBeyondLoopback, resolveAuth } from "./credentials.ts";

export interface StartFlags extends AuthFlags {
  bind?: string;
  allowUnconfigured: boolean;
}

export interface StartDecisionInput {
  env: Env;
  loaded: LoadedConfig;
  flags: StartFlags;
  /** The token an earlier start saved in the state folder. */
  savedToken: string | undefined;
  /** Makes and saves a token; asked only when no secret exists and the bind is loopback. */
  mintToken(): string;
}

/**
 * Whether a gateway may run with this config, where it listens and what protects it. The rules of a start, of a
 * reload and of the doctor alike: what passes here starts, and nothing else does. Throws the Fault the owner has to
 * act on. Has no effect but that of `mintToken`.
 */
export function decideStart(input: StartDecisionInput): { bind: Bind; auth: GatewayAuth } {
  const { env, loaded, flags, savedToken, mintToken } = input;
  const { config } = loaded;
  requireNewEnough({ config, version: PRODUCT_VERSION, env, action: "start the gateway" });
  requireGatewayMode(loaded, flags.allowUnconfigured);
  requireNoTls(config);
  const bind = resolveBind(flags.bind, config, {
    inContainer: env.inContainer,
    hasSecret: hasSecret(input),
  });
  const auth = resolveAuth({ config, env, flags, savedToken, mintToken, loopbackOnly: bind.loopbackOnly });
  requireAuthBeyondLoopback(auth, bind.mode, bind.loopbackOnly);
  return { bind, auth };
}

function hasSecret({ env, loaded, flags, savedToken }: StartDecisionInput): boolean {
  const { token, password } = loaded.config.gateway?.auth ?? {};
  const { token: envToken, password: envPassword } = env.gateway;
  return [flags.token, flags.password, envToken, envPassword, token, password, savedToken].some(Boolean);
}

/** A setting that protects must not be passed over in silence. */
function requireNoTls(config: Config): void {
  if (config.gateway?.tls?.enabled !== true) return;
  throw new Fault("gateway.tls is on, but this version serves plain HTTP only", {
    why: "to go on would send tokens and conversations unencrypted where you asked for encryption",
    fix: "openclaw config set gateway.tls.enabled false, and put a TLS proxy in front of it",
    exitCode: 78,
  });
}
