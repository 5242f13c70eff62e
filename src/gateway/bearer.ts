import type { GatewayAuth } from "../access/credentials.ts";

/** Only `Authorization: Bearer` counts: secrets in URLs, cookies or other headers are never read (AUTH-24). */
export function checkBearer(header: string | undefined, auth: GatewayAuth): "ok" | "wrong" | "missing" {
  if (auth.mode === "none") return "ok";
  const expected = auth.token ?? auth.password;
  const presented = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
  if (presented === undefined || !expected) return "missing";
  return expected.equals(presented) ? "ok" : "wrong";
}
