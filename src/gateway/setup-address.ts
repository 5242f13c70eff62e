import type { Bind } from "../access/bind.ts";
import type { Config } from "../config/schema.ts";
import { isLoopback, lanAddress } from "../platform/network.ts";
import { GatewayError } from "../protocol/errors.ts";

export interface SetupAddress {
  url: string;
  /** Which setting it comes from. */
  source: string;
  /** Nothing encrypts what goes there. */
  isPlain: boolean;
}

export interface SetupAddressFacts {
  config: Config;
  bind: Bind;
  port: number;
  /** Set when the gateway speaks TLS. */
  fingerprint: string | undefined;
}

/** Where a phone that scans a code finds this gateway. Throws the refusal that says what to set. */
export function setupAddress(
  { publicUrl, preferRemoteUrl }: { publicUrl?: string; preferRemoteUrl?: boolean },
  { config, bind, port, fingerprint }: SetupAddressFacts,
): SetupAddress {
  if (publicUrl !== undefined) return external(publicUrl, "publicUrl");
  const remote = config.gateway?.remote?.url;
  if (preferRemoteUrl && remote) return external(remote, "gateway.remote.url");
  const host = bind.loopbackOnly ? undefined : (bind.host ?? lanAddress());
  if (host === undefined || isLoopback(host)) {
    throw new GatewayError(
      "INVALID_REQUEST",
      "the gateway is only bound to loopback; no other device can reach it",
      {
        hint: "openclaw config set gateway.bind lan, or name the address of your proxy: openclaw qr --public-url wss://…",
      },
    );
  }
  const literal = host.includes(":") ? `[${host}]` : host;
  return {
    url: `${fingerprint === undefined ? "ws" : "wss"}://${literal}:${port}`,
    source: `gateway.bind=${bind.mode}`,
    isPlain: fingerprint === undefined,
  };
}

function external(text: string, source: string): SetupAddress {
  const url = URL.parse(text.replace(/^http/, "ws"));
  if (url?.protocol !== "wss:" || url.username !== "" || url.password !== "") {
    throw new GatewayError("INVALID_REQUEST", `${source} has to begin with wss:// or https://`, {
      hint: "what the code carries must not be read on the way",
    });
  }
  url.hash = "";
  return { url: url.href.replace(/\/$/, ""), source, isPlain: false };
}
