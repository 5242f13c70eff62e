import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { isLoopback } from "../platform/network.ts";
import { Secret } from "../platform/secret.ts";
import type { TrustedProxyRules } from "./trusted-proxy.ts";

export type AuthMode = "none" | "token" | "password" | "trusted-proxy";

/** Where the shared secret came from; said in the log so that nobody hunts for it. */
export type SecretSource = "flag" | "environment" | "config" | "saved" | "generated" | "none";

export interface GatewayAuth {
  mode: AuthMode;
  token: Secret | undefined;
  password: Secret | undefined;
  source: SecretSource;
  /** With mode trusted-proxy; then there is no shared secret. */
  trustedProxy?: TrustedProxyRules;
}

export interface AuthFlags {
  auth?: string;
  token?: string;
  password?: string;
}

export interface AuthInput {
  config: Config;
  env: Env;
  flags: AuthFlags;
  /** The token an earlier start saved in the state folder. */
  savedToken: string | undefined;
  /** Makes and saves a token; asked only when no secret exists. */
  mintToken(): string;
  mayMint: boolean;
}

/**
 * The shared secret in force, in the order `--token` → environment → `gateway.auth.*` → saved
 * (behaviour.md R7). Throws `Fault` (78) where the settings contradict themselves.
 */
export function resolveAuth(input: AuthInput): GatewayAuth {
  const { config, env, flags, savedToken } = input;
  const configured = config.gateway?.auth;
  const token = pick(
    ["flag", flags.token],
    ["environment", env.gateway.token],
    ["config", plain(configured?.token)],
  );
  const password = pick(
    ["flag", flags.password],
    ["environment", env.gateway.password],
    ["config", plain(configured?.password)],
  );
  const mode = resolveMode(flags.auth ?? configured?.mode, token !== undefined, password !== undefined);

  switch (mode) {
    case "none":
      return { mode, token: undefined, password: undefined, source: "none" };
    case "password":
      if (!password) {
        throw new Fault("gateway start blocked: gateway.auth.mode is password, but no password is set", {
          fix: "openclaw config set gateway.auth.password <password>",
          exitCode: 78,
        });
      }
      return { mode, token: undefined, password: new Secret(password.value), source: password.source };
    case "trusted-proxy":
      return {
        mode,
        token: undefined,
        password: undefined,
        source: token?.source ?? "none",
        trustedProxy: proxyRules(config, token?.value),
      };
    case "token": {
      if (token) return { mode, token: new Secret(token.value), password: undefined, source: token.source };
      if (savedToken) return { mode, token: new Secret(savedToken), password: undefined, source: "saved" };
      if (input.mayMint) {
        return { mode, token: new Secret(input.mintToken()), password: undefined, source: "generated" };
      }
      return { mode, token: undefined, password: undefined, source: "none" };
    }
  }
}

function resolveMode(wanted: string | undefined, hasToken: boolean, hasPassword: boolean): AuthMode {
  switch (wanted) {
    case "none":
    case "token":
    case "password":
    case "trusted-proxy":
      return wanted;
    case undefined:
      if (hasToken && hasPassword) {
        throw new Fault(
          "gateway start blocked: both a token and a password are set, but gateway.auth.mode is not",
          {
            why: "the gateway will not guess which of the two protects it",
            fix: "openclaw config set gateway.auth.mode token",
            exitCode: 78,
          },
        );
      }
      return hasPassword ? "password" : "token";
    default:
      throw new Fault(`unknown auth mode "${wanted}"`, {
        why: "it is one of: none, token, password, trusted-proxy",
        fix: "openclaw config set gateway.auth.mode token",
        exitCode: 78,
      });
  }
}

/** Throws where the settings would let somebody else than the proxy say who is there. */
function proxyRules({ gateway }: Config, token: string | undefined): TrustedProxyRules {
  const {
    userHeader,
    requiredHeaders = [],
    allowUsers = [],
    allowLoopback = false,
  } = gateway?.auth?.trustedProxy ?? {};
  const proxies = gateway?.trustedProxies ?? [];
  if (!userHeader) {
    throw new Fault("gateway start blocked: gateway.auth.mode is trusted-proxy, but no userHeader is set", {
      why: "the proxy says in that header who the user is",
      fix: "openclaw config set gateway.auth.trustedProxy.userHeader x-forwarded-user",
      exitCode: 78,
    });
  }
  if (proxies.length === 0) {
    throw new Fault("gateway start blocked: gateway.auth.mode is trusted-proxy, but no proxy is listed", {
      why: "without a list everybody could send the header that names the user",
      fix: "openclaw config set gateway.trustedProxies '[\"<proxy address>\"]'",
      exitCode: 78,
    });
  }
  if (proxies.some(isLoopback) && !(allowLoopback && token)) {
    throw new Fault(
      "gateway start blocked: the trusted proxy is on this machine, where any program could play it",
      {
        why: "set gateway.auth.trustedProxy.allowLoopback and a gateway.auth.token, and let the proxy send it in x-openclaw-proxy-token",
        fix: allowLoopback
          ? "openclaw config set gateway.auth.token <token>"
          : "openclaw config set gateway.auth.trustedProxy.allowLoopback true",
        exitCode: 78,
      },
    );
  }
  return {
    userHeader,
    requiredHeaders,
    allowUsers,
    allowLoopback,
    identityScopes: gateway?.auth?.identityScopes ?? {},
    proxyToken: token === undefined ? undefined : new Secret(token),
  };
}

function pick(
  ...candidates: [SecretSource, string | undefined][]
): { source: SecretSource; value: string } | undefined {
  for (const [source, value] of candidates) if (value) return { source, value };
  return undefined;
}

/** SecretRef objects pass the schema, but nothing resolves them yet: better to stop than to start open. */
function plain(value: unknown): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw new Fault("gateway.auth uses a secret reference, which this version cannot resolve", {
    fix: "openclaw config set gateway.auth.token '${OPENCLAW_GATEWAY_TOKEN}'",
    exitCode: 78,
  });
}

/** Whether what proves somebody under one of them proves it under the other; where a secret came from does not matter. */
export function sameAuth(a: GatewayAuth, b: GatewayAuth): boolean {
  return (
    a.mode === b.mode &&
    a.token?.reveal() === b.token?.reveal() &&
    a.password?.reveal() === b.password?.reveal() &&
    a.trustedProxy?.proxyToken?.reveal() === b.trustedProxy?.proxyToken?.reveal() &&
    JSON.stringify(a.trustedProxy) === JSON.stringify(b.trustedProxy)
  );
}

/** What must not be in a log line. */
export function secretsOf({ token, password, trustedProxy }: GatewayAuth): string[] {
  return [token, password, trustedProxy?.proxyToken].flatMap((secret) => (secret ? [secret.reveal()] : []));
}

/** The refusal of behaviour.md `bind-refused-without-auth`. */
export function requireAuthBeyondLoopback(auth: GatewayAuth, bind: string, loopbackOnly: boolean): void {
  if (loopbackOnly || auth.token || auth.password || auth.trustedProxy) return;
  const setToken = "openclaw config set gateway.auth.token <token>";
  throw new Fault(`refusing to bind gateway to ${bind} without auth`, {
    why: "everybody who reaches this port could use your accounts",
    fix: auth.mode === "none" ? `openclaw config set gateway.auth.mode token && ${setToken}` : setToken,
    exitCode: 78,
  });
}
