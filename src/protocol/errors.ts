/** Top-level codes on the wire (protocol.md §3). Authentication failures use INVALID_REQUEST with a detail code. */
export type ErrorCode = "INVALID_REQUEST" | "FORBIDDEN" | "UNAVAILABLE" | "NOT_PAIRED" | "APPROVAL_NOT_FOUND";

export interface WireError {
  code: ErrorCode | (string & {});
  message: string;
  details?: Record<string, unknown>;
  retryable?: boolean;
  retryAfterMs?: number;
}

export interface GatewayErrorExtras {
  /** Machine-readable discriminator; becomes `details.code`. */
  detail?: string;
  /** Further fields of `details`. */
  details?: Record<string, unknown>;
  /** What the person at the keyboard can do; becomes `details.hint`. */
  hint?: string;
  retryable?: boolean;
  retryAfterMs?: number;
  cause?: unknown;
}

/** A refusal that may leave the process: everything in it is meant for the caller. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: ErrorCode;
  readonly extras: GatewayErrorExtras;

  constructor(code: ErrorCode, message: string, extras: GatewayErrorExtras = {}) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.code = code;
    this.extras = extras;
  }

  toWire(): WireError {
    const { detail, details, hint, retryable, retryAfterMs } = this.extras;
    const merged = { ...(detail && { code: detail }), ...details, ...(hint && { hint }) };
    return {
      code: this.code,
      message: this.message,
      ...(Object.keys(merged).length > 0 && { details: merged }),
      ...(retryable !== undefined && { retryable }),
      // The official client drops frames whose retryAfterMs is not a non-negative integer.
      ...(retryAfterMs !== undefined && { retryAfterMs: Math.max(0, Math.ceil(retryAfterMs)) }),
    };
  }
}

/** The one funnel: a stranger's error is "internal error" outside and stays complete in `cause` for the log. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError("UNAVAILABLE", "internal error", { cause: thrown });
}

/** `details.code` values of a refused `connect` that our handshake can produce (protocol.md §3). */
export type ConnectDetail =
  | "AUTH_UNAUTHORIZED"
  | "AUTH_TOKEN_MISSING"
  | "AUTH_TOKEN_MISMATCH"
  | "AUTH_TOKEN_NOT_CONFIGURED"
  | "AUTH_PASSWORD_MISSING"
  | "AUTH_PASSWORD_MISMATCH"
  | "AUTH_PASSWORD_NOT_CONFIGURED"
  | "AUTH_BOOTSTRAP_TOKEN_INVALID"
  | "AUTH_DEVICE_TOKEN_MISMATCH"
  | "AUTH_SCOPE_MISMATCH"
  | "AUTH_RATE_LIMITED"
  | "AUTH_TAILSCALE_IDENTITY_MISSING"
  | "AUTH_TAILSCALE_PROXY_MISSING"
  | "AUTH_TAILSCALE_WHOIS_FAILED"
  | "AUTH_TAILSCALE_IDENTITY_MISMATCH"
  | "AUTH_IDENTITY_HEADER_REQUIRED"
  | "AUTH_VERIFIED_USER_REQUIRED"
  | "PROTOCOL_MISMATCH"
  | "CONTROL_UI_ORIGIN_NOT_ALLOWED"
  | "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"
  | "DEVICE_IDENTITY_REQUIRED"
  | "DEVICE_AUTH_DEVICE_ID_MISMATCH"
  | "DEVICE_AUTH_SIGNATURE_EXPIRED"
  | "DEVICE_AUTH_NONCE_REQUIRED"
  | "DEVICE_AUTH_NONCE_MISMATCH"
  | "DEVICE_AUTH_SIGNATURE_INVALID"
  | "DEVICE_AUTH_PUBLIC_KEY_INVALID"
  | "PAIRING_REQUIRED";
