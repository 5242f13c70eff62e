import { GatewayError } from "../../protocol/errors.ts";

export function unknownRequest(channel: string): GatewayError {
  return new GatewayError("INVALID_REQUEST", "unknown pairing request", {
    detail: "PAIRING_REQUEST_NOT_FOUND",
    hint: `a code holds for an hour; see who waits: openclaw pairing list --channel ${channel}`,
  });
}

export function missingScope(scope: "operator.write" | "operator.admin", why: string): GatewayError {
  return new GatewayError("FORBIDDEN", `missing scope: ${scope}`, {
    detail: "MISSING_SCOPE",
    details: { missingScope: scope, requiredScopes: ["operator.pairing", scope] },
    hint: why,
  });
}
