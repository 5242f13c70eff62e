import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { DEV_PORT, type Paths } from "../platform/paths.ts";
import { DEFAULT_PORT } from "../protocol/limits.ts";
import { type Credentials, explicitCredentials, localCredentials, remoteCredentials } from "./credentials.ts";

/** Which gateway a command talks to, and with what. */
export interface Target {
  /** ws:// or wss://, without credentials. */
  url: string;
  host: string;
  port: number;
  /** The gateway of this state folder, as opposed to one named by a URL. */
  local: boolean;
  credentials: Credentials;
  /** Named by the person who types: stored credentials are not for it. */
  explicit?: true;
  /** Set to go by the socket of the state folder instead of the port. */
  ownerSocket?: string;
  /** SHA-256 of the certificate that is accepted instead of asking the certificate authorities. */
  tlsFingerprint?: string;
  notices: string[];
}

export interface TargetFlags {
  url?: string;
  token?: string;
  password?: string;
  port?: number;
}

export interface TargetInput {
  flags: TargetFlags;
  env: Env;
  config: Config;
  paths: Paths;
  /** Port of the running gateway that holds this state folder. It may have been started on another than the config's. */
  runningPort: number | undefined;
  savedToken: string | undefined;
  /** Of the certificate this machine's gateway shows, where it speaks TLS. */
  ownFingerprint?: string;
}

/** Pure. Throws `Fault`: 1 for a foreign URL without explicit credentials or encryption, 2 for no URL at all. */
export function resolveTarget(input: TargetInput): Target {
  const { flags, env, config } = input;
  const override = flags.url ?? (flags.port === undefined ? env.gateway.url : undefined);
  if (override !== undefined) {
    const from = flags.url === undefined ? "OPENCLAW_GATEWAY_URL" : "--url";
    return { ...atUrl(override, from, env, requireExplicit(flags, env, override)), explicit: true };
  }
  const isRemote = config.gateway?.mode === "remote" && flags.port === undefined;
  return (isRemote && remoteTarget(input)) || localTarget(input);
}

/** The gateway that `gateway.remote.url` names, whatever the mode is; undefined without one. */
export function remoteTarget({
  flags,
  env,
  config,
}: Pick<TargetInput, "flags" | "env" | "config">): Target | undefined {
  const { url, tlsFingerprint } = config.gateway?.remote ?? {};
  if (!url) return undefined;
  const target = atUrl(url, "gateway.remote.url", env, remoteCredentials(flags, env, config));
  return { ...target, ...(tlsFingerprint && { tlsFingerprint }) };
}

/** The gateway of this state folder. */
export function localTarget(input: TargetInput): Target {
  const { flags, env, config, paths, runningPort, savedToken, ownFingerprint } = input;
  const { mode, port: configured, bind, customBindHost, tls } = config.gateway ?? {};
  const usual = paths.profile === "dev" ? DEV_PORT : DEFAULT_PORT;
  const port = flags.port ?? env.gateway.port ?? runningPort ?? configured ?? usual;
  const host = (bind === "custom" && dialable(customBindHost)) || "127.0.0.1";
  return {
    url: `${tls?.enabled ? "wss" : "ws"}://${host}:${port}`,
    host,
    port,
    local: true,
    ...(tls?.enabled && ownFingerprint !== undefined && { tlsFingerprint: ownFingerprint }),
    credentials: localCredentials({ flags, env, config, savedToken, tokenFile: paths.tokenFile }),
    notices:
      mode === "remote"
        ? ["gateway.mode is remote without gateway.remote.url; asking the local gateway"]
        : [],
  };
}

/** A wildcard is listened on, not dialled; an IPv6 address needs its brackets in a URL. */
function dialable(host: string | undefined): string | undefined {
  if (host === undefined || host === "0.0.0.0" || host === "::" || host === "*") return undefined;
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** The config's secrets belong to the config's gateway and are never shown to another one (protocol.md §12). */
function requireExplicit(flags: TargetFlags, env: Env, url: string): Credentials {
  const explicit = explicitCredentials(flags, env);
  if (explicit.source) return explicit;
  throw new Fault("gateway url override requires explicit credentials", {
    why: "the token of the config is meant for the gateway of the config, not for any address",
    fix: `pass --token or --password together with --url ${url}`,
  });
}

function atUrl(text: string, from: string, env: Env, credentials: Credentials): Target {
  const url = URL.parse(text.replace(/^http/, "ws"));
  if (!url || !["ws:", "wss:"].includes(url.protocol) || url.hostname === "") {
    throw new Fault(`${from} is not the address of a gateway: ${text.slice(0, 200)}`, {
      why: "it has to look like ws://127.0.0.1:18789 or wss://gateway.example.net",
      exitCode: 2,
    });
  }
  if (url.protocol === "ws:" && !isNearby(url.hostname) && !env.allowInsecurePrivateWs) {
    throw new Fault(`refusing to send credentials unencrypted to ${url.hostname}`, {
      why: "plain ws:// is for this machine and private networks; everybody on the way could read the token",
      fix: `use wss://${url.host}`,
    });
  }
  url.username = "";
  url.password = "";
  url.hash = "";
  const port = Number(url.port) || (url.protocol === "wss:" ? 443 : 80);
  return { url: url.href, host: url.hostname, port, local: false, credentials, notices: [] };
}

const NEARBY = [
  /^(localhost|.+\.localhost|.+\.local|.+\.ts\.net)$/i,
  /^(127|10)\.|^192\.168\.|^169\.254\.|^172\.(1[6-9]|2\d|3[01])\./,
  // Carrier-grade NAT, which Tailscale hands out.
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^\[(::1|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*)\]$/i,
];

function isNearby(hostname: string): boolean {
  const numeric = /^[\d.]+$/.test(hostname) || hostname.startsWith("[");
  return NEARBY.some((pattern, at) => (at === 0 ? !numeric : numeric) && pattern.test(hostname));
}
