import { TOKEN_NOTICE } from "../config/legacy.ts";
import { type ConfigEdit, mapLegacyWrite } from "../config/legacy-write.ts";
import { readListenAddress } from "../config/listen.ts";
import { getAt } from "../config/path.ts";
import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";

export interface OlderWords {
  /** One line each: what the file says, and what that is today. Without secrets. */
  evidence: string[];
  edits: ConfigEdit[];
}

/**
 * Words of older guides in the main file, as edits to today's (behaviour.md R2–R6). They mean afterwards what they mean
 * now: where a key of today is there as well, the older one has no effect and just goes. Pure.
 */
export function olderWords(source: unknown, inForce: Config, env: Env): OlderWords {
  const found: OlderWords = { evidence: [], edits: [] };
  const at = (key: string) => getAt(source, ["gateway", key]);
  const add = (evidence: string, edits: readonly ConfigEdit[]) => {
    found.evidence.push(evidence);
    found.edits.push(...edits);
  };
  const bindIsSet = at("bind") !== undefined;

  const bind = at("bind");
  if (typeof bind === "string" && readListenAddress(bind)) {
    const { edits } = mapLegacyWrite(["gateway", "bind"], bind, inForce);
    add(`gateway.bind "${bind}" is ${said(edits)}`, edits);
  }
  const host = at("host");
  if (typeof host === "string" && readListenAddress(host, "tailnet")) {
    const mapped = mapLegacyWrite(["gateway", "host"], host, inForce).edits;
    if (bindIsSet) add(`gateway.host "${host}" has no effect beside gateway.bind`, [gone("host")]);
    else add(`gateway.host "${host}" is ${said(mapped)}`, mapped);
  }
  const mode = at("mode");
  if (mode === "hybrid") {
    const edits = [set("mode", "local"), ...(bindIsSet || host !== undefined ? [] : [set("bind", "lan")])];
    add(`gateway.mode "hybrid" is ${said(edits)}`, edits);
  } else if (mode === "remote" && inForce.gateway?.mode === "local" && env.gateway.mode === undefined) {
    add('gateway.mode "remote" without gateway.remote.url is gateway.mode=local', [set("mode", "local")]);
  }
  const token = at("token");
  if (typeof token === "string") add(...olderToken(token, source, inForce, env));
  const port = at("port");
  if (/^-?\d+$/.test(String(port)) && (Number(port) < 1 || Number(port) > 65_535)) {
    add(`gateway.port ${port} is no port and not used`, [gone("port")]);
  }
  return found;
}

function olderToken(token: string, source: unknown, inForce: Config, env: Env): [string, ConfigEdit[]] {
  const auth = (key: string) => getAt(source, ["gateway", "auth", key]);
  const others = [auth("token"), auth("password"), env.gateway.token, env.gateway.password];
  const winner = others.find((value) => value !== undefined);
  if (winner === undefined) return [TOKEN_NOTICE, mapLegacyWrite(["gateway", "token"], token, inForce).edits];
  const differs = winner === token ? "" : ", which is another one and wins";
  return [`${TOKEN_NOTICE} It has no effect beside the secret that is set there${differs}.`, [gone("token")]];
}

function set(key: string, value: string): ConfigEdit {
  return { path: ["gateway", key], value };
}

function gone(key: string): ConfigEdit {
  return { path: ["gateway", key], value: undefined };
}

/** `gateway.bind=custom, gateway.customBindHost=10.0.0.5` */
function said(edits: readonly ConfigEdit[]): string {
  return edits
    .filter(({ value }) => value !== undefined)
    .map(({ path, value }) => `${path.join(".")}=${value}`)
    .join(", ");
}
