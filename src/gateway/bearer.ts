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
export function isAuthenticated(request: IncomingMessage, { auth, perimeter }: GatewayServices): boolean {
  if (!auth.trustedProxy) return checkBearer(request.headers.authorization, auth) === "ok";
  const identity = identifyByProxy(request, perimeter.trustedProxies, auth.trustedProxy);
  return identity.kind === "known" && hasScope(new Set(identity.scopes), "operator.write");
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
  throw new HttpRefusal(401, "unauthorized", "Unauthorized");
}

function rateLimited(waitMs: number): HttpRefusal {
  return new HttpRefusal(429, "rate_limited", "Too many failed authentication attempts.", {
    "retry-after": String(Math.ceil(waitMs / 1_000)),
  });
}
