import type { IncomingMessage } from "node:http";
import { attemptSource } from "../access/attempt-source.ts";
import type { GatewayAuth } from "../access/credentials.ts";
import type { ClientAddress } from "../access/origin.ts";
import { identifyByProxy } from "../access/trusted-proxy.ts";
import { hasScope } from "../protocol/scopes.ts";
import { HttpRefusal } from "./route.ts";
import type { GatewayServices } from "./services.ts";

/** Only `Authorization: Bearer` counts: secrets in URLs, cookies or other headers are never read (AUTH-24). */
export function checkBearer(header: string | undefined, auth: GatewayAuth): "ok" | "wrong" | "missing" {
  if (auth.mode === "none") return "ok";
  const expected = auth.token ?? auth.password;
  const presented = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
  if (presented === undefined || !expected) return "missing";
  return expected.equals(presented) ? "ok" : "wrong";
}

/**
 * The shared secret, or in mode trusted-proxy a user whom the config gives operator.write. What Tailscale says of a
 * client counts for WebSockets only (AUTH-16).
 */
export function isAuthenticated(request: IncomingMessage, services: GatewayServices): boolean {
  const { auth } = services;
  if (!auth.trustedProxy) return checkBearer(request.headers.authorization, auth) === "ok";
  return hasScope(new Set(userOf(request, services)?.scopes), WRITE);
}

const WRITE = "operator.write";

/** Whom the proxy has signed in, with the rights the config gives them. */
function userOf(request: IncomingMessage, { auth, perimeter }: GatewayServices) {
  const identity = auth.trustedProxy && identifyByProxy(request, perimeter.trustedProxies, auth.trustedProxy);
  return identity?.kind === "known" ? identity : undefined;
}

/** Rejects with the refusal to answer with; on this machine a wrong secret is answered late instead of locked out. */
export async function requireBearer(
  request: IncomingMessage,
  client: ClientAddress,
  services: GatewayServices,
): Promise<true> {
  const { attempts, auth, clock } = services;
  const source = attemptSource(client, request.headers.origin);
  const waitMs = attempts.retryAfterMs("shared-secret", source);
  if (waitMs > 0) throw rateLimited(waitMs);
  if (isAuthenticated(request, services)) {
    if (!auth.trustedProxy && auth.mode !== "none") attempts.succeeded("shared-secret", source);
    return true;
  }
  if (!auth.trustedProxy && checkBearer(request.headers.authorization, auth) === "wrong") {
    const penalty = attempts.failed("shared-secret", source);
    if (penalty.kind === "overdue") throw rateLimited(penalty.retryAfterMs);
    if (penalty.delayMs > 0) await new Promise<void>((resolve) => void clock.after(penalty.delayMs, resolve));
  }
  if (userOf(request, services)) throw new HttpRefusal(403, "forbidden", `missing scope: ${WRITE}`);
  throw new HttpRefusal(401, "unauthorized", "Unauthorized");
}

function rateLimited(waitMs: number): HttpRefusal {
  return new HttpRefusal(429, "rate_limited", "Too many failed authentication attempts.", {
    "retry-after": String(Math.ceil(waitMs / 1_000)),
  });
}
