import type { IncomingMessage } from "node:http";
import { isLoopback } from "../platform/network.ts";
import type { Secret } from "../platform/secret.ts";
import { hasScope } from "../protocol/scopes.ts";
import { type IdentityVerdict, identityRefused } from "./identity.ts";
import { isListed, normalizeAddress } from "./origin.ts";

/** What `gateway.auth.trustedProxy` and `identityScopes` say. */
export interface TrustedProxyRules {
  userHeader: string;
  requiredHeaders: readonly string[];
  /** Empty: everybody the proxy lets through. */
  allowUsers: readonly string[];
  allowLoopback: boolean;
  /** Scopes by user; "*" is everybody else. */
  identityScopes: Readonly<Record<string, readonly string[]>>;
  /** Shown by the proxy in `x-openclaw-proxy-token`, so that a program on the same machine cannot play it (AUTH-12). */
  proxyToken: Secret | undefined;
}

/** Set by the proxy to give a user less than the config does. */
const SCOPES_HEADER = "x-openclaw-scopes";
const TOKEN_HEADER = "x-openclaw-proxy-token";

/** Pure. Whom a proxy in front has authenticated. Whatever is missing or doubtful refuses. */
export function identifyByProxy(
  request: Pick<IncomingMessage, "headers" | "socket">,
  trustedProxies: readonly string[],
  rules: TrustedProxyRules,
): IdentityVerdict {
  const { headers } = request;
  const peer = normalizeAddress(request.socket.remoteAddress ?? "");
  if (!isListed(peer, trustedProxies) || (isLoopback(peer) && !rules.allowLoopback)) {
    return identityRefused(
      "connect through the proxy that authenticates (gateway.auth.mode is trusted-proxy)",
      "AUTH_UNAUTHORIZED",
      "trusted_proxy_untrusted_source",
    );
  }
  const shown = headers[TOKEN_HEADER];
  const proves = rules.proxyToken
    ? typeof shown === "string" && rules.proxyToken.equals(shown)
    : !isLoopback(peer);
  if (!proves) {
    return identityRefused(
      `the proxy did not show gateway.auth.token in ${TOKEN_HEADER}`,
      "AUTH_UNAUTHORIZED",
      "trusted_proxy_unproven",
    );
  }
  const missing = rules.requiredHeaders.find((name) => !headers[name.toLowerCase()]);
  if (missing !== undefined) {
    return identityRefused(
      `the proxy did not send ${missing}`,
      "AUTH_IDENTITY_HEADER_REQUIRED",
      "trusted_proxy_missing_header",
    );
  }
  const user = headers[rules.userHeader.toLowerCase()];
  if (typeof user !== "string" || user.trim() === "") {
    return identityRefused(
      `the proxy did not send ${rules.userHeader}`,
      "AUTH_IDENTITY_HEADER_REQUIRED",
      "trusted_proxy_user_missing",
    );
  }
  if (rules.allowUsers.length > 0 && !rules.allowUsers.includes(user)) {
    return identityRefused(
      "this user is not in gateway.auth.trustedProxy.allowUsers",
      "AUTH_VERIFIED_USER_REQUIRED",
      "trusted_proxy_user_not_allowed",
    );
  }
  return {
    kind: "known",
    method: "trusted-proxy",
    user,
    scopes: scopesOf(user, headers[SCOPES_HEADER], rules),
  };
}

/** Undefined where the config says nothing of the user: then a device has to be paired like anywhere else (AUTH-08). */
function scopesOf(
  user: string,
  cap: string | string[] | undefined,
  { identityScopes }: TrustedProxyRules,
): readonly string[] | undefined {
  const granted = Object.hasOwn(identityScopes, user) ? identityScopes[user] : identityScopes["*"];
  if (granted === undefined || cap === undefined) return granted;
  const all = new Set(granted);
  return String(cap)
    .split(/[\s,]+/)
    .filter((scope) => scope !== "" && hasScope(all, scope));
}
