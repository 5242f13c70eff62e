import { OutboundError } from "./outbound-error.ts";

/** A URL taken apart once. */
export interface OutboundTarget {
  secure: boolean;
  /** For messages: `host:port`. */
  host: string;
  /** For node:http: without the brackets of an IPv6 address. */
  hostname: string;
  port: number;
  /** Path and query. */
  path: string;
  /** `user:password` of the URL, decoded. */
  auth: string | undefined;
}

/** Throws `OutboundError`; a broken URL is not repeated in it, it may hold a credential. */
export function parseTarget(text: string): OutboundTarget {
  const url = URL.parse(text);
  if (!url) throw new OutboundError("network", "this is not a URL", { code: "ERR_INVALID_URL" });
  const secure = url.protocol === "https:";
  if (!secure && url.protocol !== "http:") {
    throw new OutboundError("network", `only http and https can be called, not ${url.protocol}`, {
      code: "ERR_INVALID_PROTOCOL",
    });
  }
  const port = Number(url.port) || (secure ? 443 : 80);
  return {
    secure,
    host: `${url.hostname}:${port}`,
    hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    path: `${url.pathname}${url.search}`,
    auth: url.username || url.password ? `${decode(url.username)}:${decode(url.password)}` : undefined,
  };
}

/** A stray percent sign is part of the password. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
