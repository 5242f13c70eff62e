import { ConnectionError } from "../protocol/client.ts";
import { GatewayError } from "../protocol/errors.ts";

/** Why a gateway could not be used. `reason` is short enough to follow "gateway connect failed: ". */
export interface Trouble {
  kind:
    | "refused"
    | "not-found"
    | "timeout"
    | "no-gateway"
    | "untrusted-proxy"
    | "starting"
    | "credentials"
    | "device-token"
    | "scope"
    | "locked-out"
    | "pairing"
    | "protocol"
    | "closed"
    | "failed";
  reason: string;
  /** With "pairing": what the owner has to approve. */
  requestId?: string;
  cause: unknown;
}

/** What a failed connection attempt means, or undefined for an error that is none of the connection's. */
export function diagnose(error: unknown): Trouble | undefined {
  if (error instanceof GatewayError) return { ...refusal(error), cause: error };
  if (error instanceof ConnectionError) return { ...transport(error), cause: error };
  return undefined;
}

type Verdict = Omit<Trouble, "cause">;

function refusal(error: GatewayError): Verdict {
  const reason = error.message;
  const { details = {}, retryable } = error.extras;
  const detail = typeof details.code === "string" ? details.code : "";
  if (detail === "AUTH_RATE_LIMITED") return { kind: "locked-out", reason };
  if (detail === "PAIRING_REQUIRED") {
    const { requestId } = details;
    return { kind: "pairing", reason, ...(typeof requestId === "string" && { requestId }) };
  }
  if (detail === "AUTH_DEVICE_TOKEN_MISMATCH") return { kind: "device-token", reason };
  if (detail === "AUTH_SCOPE_MISMATCH") return { kind: "scope", reason };
  if (detail === "PROTOCOL_MISMATCH") return { kind: "protocol", reason };
  if (detail.startsWith("AUTH_") || detail.startsWith("DEVICE_")) return { kind: "credentials", reason };
  if (retryable && error.code === "UNAVAILABLE") return { kind: "starting", reason };
  return { kind: "failed", reason };
}

function transport(error: ConnectionError): Verdict {
  const code = systemCode(error.cause);
  switch (code) {
    case "ECONNREFUSED":
      return { kind: "refused", reason: "connection refused" };
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return { kind: "not-found", reason: `no such host (${code})` };
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return { kind: "timeout", reason: `no route to it (${code})` };
  }
  if (error.close) return { kind: "closed", reason: error.message };
  if (/timeout|timed out/i.test(error.message)) return { kind: "timeout", reason: "no answer in time" };
  const status = /Unexpected server response: (\d{3})/.exec(error.message)?.[1];
  if (status === "403") return { kind: "untrusted-proxy", reason: "HTTP 403 instead of a WebSocket" };
  if (status === "503") return { kind: "starting", reason: "it is starting or shutting down (HTTP 503)" };
  if (status) return { kind: "no-gateway", reason: `HTTP ${status} instead of a WebSocket` };
  if (code === "ECONNRESET" || code?.startsWith("HPE_") || /socket hang up/.test(error.message)) {
    return { kind: "no-gateway", reason: "the answer was no WebSocket" };
  }
  return { kind: "failed", reason: error.message };
}

/** A name with several addresses fails with all of their errors in one. */
function systemCode(cause: unknown): string | undefined {
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  return first instanceof Error ? (first as NodeJS.ErrnoException).code : undefined;
}
