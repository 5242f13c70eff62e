import type { Env } from "../platform/env.ts";
import { isRecord } from "../protocol/frames.ts";
import { readListenAddress } from "./listen.ts";

export interface OlderKeys {
  /** The same config in today's words; the file itself is not rewritten. */
  value: unknown;
  notices: string[];
  /** Which older words were there, e.g. "gateway.host". */
  paths: string[];
}

/** The real text: guides and support threads are searched for it (signature config-legacy-gateway-token). */
export const TOKEN_NOTICE = 'Found "gateway.token" in config. Use "gateway.auth.token" instead.';

/**
 * Reads the words of older guides (behaviour.md R2, R4, R5, R6 and the port row of section C).
 * A canonical key that is there always wins over the older one. Values that cannot be understood stay where they
 * are, for validation to name them.
 */
export function readOlderKeys(value: unknown, env: Env, purpose: "start" | "look" | "write"): OlderKeys {
  if (!isRecord(value) || !isRecord(value.gateway)) return { value, notices: [], paths: [] };
  const draft: Draft = { gateway: { ...value.gateway }, notices: [], paths: [] };
  readBind(draft);
  readHost(draft);
  readMode(draft);
  readToken(draft, env);
  if (purpose !== "write") readPort(draft);
  return { value: { ...value, gateway: draft.gateway }, notices: draft.notices, paths: draft.paths };
}

interface Draft {
  gateway: Record<string, unknown>;
  notices: string[];
  paths: string[];
}

function readBind({ gateway, notices }: Draft): void {
  const wish = typeof gateway.bind === "string" ? readListenAddress(gateway.bind) : undefined;
  if (!wish) return;
  notices.push(`gateway.bind "${gateway.bind}" is read as ${wish.bind}`);
  gateway.bind = wish.bind;
  if (wish.customBindHost) gateway.customBindHost ??= wish.customBindHost;
}

function readHost({ gateway, notices, paths }: Draft): void {
  const wish = typeof gateway.host === "string" ? readListenAddress(gateway.host, "tailnet") : undefined;
  if (!wish) return;
  paths.push("gateway.host");
  if (gateway.bind === undefined) {
    notices.push(`gateway.host is the older name: "${gateway.host}" is read as gateway.bind=${wish.bind}`);
    gateway.bind = wish.bind;
    if (wish.customBindHost) gateway.customBindHost ??= wish.customBindHost;
  } else {
    notices.push(`gateway.host is the older name and is not used: gateway.bind is ${gateway.bind}`);
  }
  delete gateway.host;
}

function readMode({ gateway, notices, paths }: Draft): void {
  if (gateway.mode !== "hybrid") return;
  paths.push("gateway.mode");
  gateway.mode = "local";
  gateway.bind ??= "lan";
  notices.push(`gateway.mode "hybrid" is read as gateway.mode=local with gateway.bind=${gateway.bind}`);
}

function readToken({ gateway, notices, paths }: Draft, env: Env): void {
  if (typeof gateway.token !== "string") return;
  const auth = gateway.auth ?? {};
  if (!isRecord(auth)) return;
  paths.push("gateway.token");
  notices.push(TOKEN_NOTICE);
  const taken = auth.token ?? auth.password ?? env.gateway.token ?? env.gateway.password;
  if (taken === undefined) gateway.auth = { ...auth, token: gateway.token };
  delete gateway.token;
}

/** A port no machine has must not keep the gateway from starting; writing one is refused. */
function readPort({ gateway, notices }: Draft): void {
  const text = String(gateway.port);
  if (!/^-?\d+$/.test(text) || (Number(text) >= 1 && Number(text) <= 65_535)) return;
  notices.push(`gateway.port ${text.slice(0, 20)} is not a port (1 to 65535); the default port is used`);
  delete gateway.port;
}
