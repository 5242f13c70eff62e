import type { LoadedConfig } from "../config/load.ts";
import { requireNewEnough } from "../config/newer-guard.ts";
import type { Config } from "../config/schema.ts";
import { requireGatewayMode } from "../config/start-guard.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import { type Bind, resolveBind } from "./bind.ts";
import {
  type AuthFlags,
  type GatewayAuth,
  requireAuthBeyondLoopback,
  resolveAuth,
  secretsOf,
} from "./credentials.ts";

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
  /** Makes and saves a token; asked only when no secret exists and nobody has asked for more than `loopback` or `auto`. */
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
  requireCertificate(config);
  const bind = resolveBind(flags.bind, config, {
    inContainer: env.inContainer,
    hasSecret: hasSecret(input),
  });
  const auth = resolveAuth({
    config,
    env,
    flags,
    savedToken,
    mintToken,
    mayMint: bind.loopbackOnly || bind.mode === "auto",
  });
  requireAuthBeyondLoopback(auth, bind.mode, bind.loopbackOnly);
  requireOwnHookToken(config, auth);
  return { bind, auth };
}

function hasSecret({ env, loaded, flags, savedToken }: StartDecisionInput): boolean {
  const { mode, token, password } = loaded.config.gateway?.auth ?? {};
  // Where nothing is said of how clients are checked, the first start makes a token.
  if ((flags.auth ?? mode ?? "token") === "token") return true;
  const { token: envToken, password: envPassword } = env.gateway;
  return [flags.token, flags.password, envToken, envPassword, token, password, savedToken].some(Boolean);
}

/** Without one the gateway would have to serve what was asked to be encrypted in the clear. */
function requireCertificate({ gateway }: Config): void {
  const { enabled, autoGenerate, certPath, keyPath } = gateway?.tls ?? {};
  if (enabled !== true || (certPath && keyPath) || (!certPath && !keyPath && autoGenerate !== false)) return;
  throw new Fault("gateway start blocked: gateway.tls is on, but there is no certificate for it", {
    why: "it takes both gateway.tls.certPath and gateway.tls.keyPath, or a certificate the gateway makes for itself",
    fix: "openclaw config set gateway.tls.autoGenerate true",
    exitCode: 78,
  });
}

/** Who may send webhooks must not be the owner by that (AUTH-25). */
function requireOwnHookToken({ hooks }: Config, auth: GatewayAuth): void {
  const { token } = hooks ?? {};
  if (typeof token !== "string" || token === "" || !secretsOf(auth).includes(token)) return;
  throw new Fault("gateway start blocked: hooks.token is the gateway's own token", {
    why: "whoever may send webhooks could do everything else as well",
    fix: 'openclaw config set hooks.token "$(openssl rand -hex 32)"',
    exitCode: 78,
  });
}
