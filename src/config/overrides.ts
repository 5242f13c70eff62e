import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { type BindMode, type ListenWish, readListenAddress } from "./listen.ts";
import type { Config, GatewayConfig } from "./schema.ts";

export interface Overridden {
  config: Config;
  /** Config paths whose value comes from the environment. */
  envPaths: string[];
  notices: string[];
}

const BINDS: readonly string[] = ["auto", "loopback", "lan", "tailnet", "custom"] satisfies BindMode[];

/**
 * `OPENCLAW_GATEWAY_MODE`, `_PORT`, `_BIND`, `_TOKEN` and `_PASSWORD` beat the file and are never written to it.
 * Throws `Fault` (78) that names the variable when its value cannot be used.
 */
export function applyOverrides(config: Config, env: Env): Overridden {
  const { port, bind, mode, token, password } = env.gateway;
  const from: GatewayConfig = {};
  if (port !== undefined) from.port = port;
  if (bind !== undefined) Object.assign(from, readBind(bind));
  if (mode !== undefined) Object.assign(from, readMode(mode, from.bind ?? config.gateway?.bind));
  const envPaths = Object.keys(from).map((key) => `gateway.${key}`);

  const auth: GatewayConfig["auth"] = { ...(token && { token }), ...(password && { password }) };
  // One secret in the environment settles which of two is meant, unless the file says.
  if (!config.gateway?.auth?.mode && !(token && password)) {
    if (token) auth.mode = "token";
    if (password) auth.mode = "password";
  }
  for (const key of Object.keys(auth)) envPaths.push(`gateway.auth.${key}`);

  const gateway: GatewayConfig = { ...config.gateway, ...from };
  if (Object.keys(auth).length > 0) gateway.auth = { ...gateway.auth, ...auth };
  const overridden = envPaths.length === 0 ? config : { ...config, gateway };
  return { envPaths, ...settleRemote(overridden, env) };
}

/**
 * Mode remote without an address to be a client of, but with the wish to be reached from elsewhere, is what older
 * guides mean by "listen on all interfaces" (behaviour.md R3).
 */
function settleRemote(config: Config, env: Env): { config: Config; notices: string[] } {
  const { mode, remote, bind } = config.gateway ?? {};
  const wished = bind === "lan" || (env.gateway.mode === "remote" && env.inContainer);
  if (mode !== "remote" || remote?.url || !wished) return { config, notices: [] };
  const listen = bind ?? "lan";
  return {
    config: { ...config, gateway: { ...config.gateway, mode: "local", bind: listen } },
    notices: [
      `gateway.mode "remote" without gateway.remote.url is read as local with gateway.bind=${listen}`,
    ],
  };
}

function readBind(text: string): ListenWish {
  if (BINDS.includes(text)) return { bind: text as BindMode };
  const wish = readListenAddress(text);
  if (wish) return wish;
  throw unusable("OPENCLAW_GATEWAY_BIND", text, `one of ${BINDS.join(", ")}, or an IP address`);
}

function readMode(text: string, bind: BindMode | undefined): Pick<GatewayConfig, "mode" | "bind"> {
  if (text === "local" || text === "remote") return { mode: text };
  if (text === "hybrid") return { mode: "local", ...(bind === undefined && { bind: "lan" }) };
  throw unusable("OPENCLAW_GATEWAY_MODE", text, "one of local, remote, hybrid");
}

function unusable(name: string, text: string, wanted: string): Fault {
  return new Fault(`${name}="${text.slice(0, 40)}" is not ${wanted}`, {
    why: "The variable is set in the environment this command was started from.",
    fix: `unset ${name}`,
    exitCode: 78,
  });
}
