import { type ConnectDetail, GatewayError } from "../protocol/errors.ts";
import { coversAll, type Role } from "../protocol/scopes.ts";
import type { ClientAddress } from "./origin.ts";

/** What a client says of itself, after its shape was checked. Only the device id is proven. */
export interface ConnectClaim {
  clientId: string;
  clientMode: string;
  role: Role;
  scopes: readonly string[];
  token: string | undefined;
  password: string | undefined;
  deviceToken: string | undefined;
  bootstrapToken: string | undefined;
  /** Set when the signature of the device was verified. */
  deviceId: string | undefined;
  /** A browser page: it sent an Origin, which was allowed. */
  fromPage: boolean;
}

const PAGE_CLIENTS = new Set([
  "openclaw-control-ui",
  "webchat-ui",
  "webchat",
  "openclaw-tui",
  "openclaw-browser-copilot",
]);

/** Clients with a person in front, who always have a device. */
export function isPageClient({ clientId }: Pick<ConnectClaim, "clientId">): boolean {
  return PAGE_CLIENTS.has(clientId);
}

/** The matrix of protocol.md §3: fixed first words, the detail code, and what the client may try next. */
function refusal(
  code: "INVALID_REQUEST" | "NOT_PAIRED",
  message: string,
  detail: ConnectDetail,
  details: Record<string, unknown> = {},
): GatewayError {
  return new GatewayError(code, message, { detail, details });
}

export function secretRefused(
  kind: "token" | "password",
  problem: "missing" | "mismatch",
  claim: ConnectClaim,
  client: ClientAddress,
): GatewayError {
  const mismatch = problem === "mismatch";
  const canRetryWithDeviceToken = mismatch && claim.deviceId !== undefined;
  return refusal(
    "INVALID_REQUEST",
    `unauthorized: gateway ${kind} ${problem} (${hint(kind, claim, client)})`,
    `AUTH_${kind.toUpperCase()}_${problem.toUpperCase()}` as ConnectDetail,
    {
      authReason: `${kind}_${problem}`,
      canRetryWithDeviceToken,
      recommendedNextStep: canRetryWithDeviceToken
        ? "retry_with_device_token"
        : mismatch
          ? "update_auth_credentials"
          : "update_auth_configuration",
    },
  );
}

/** Depends on who reads it: the words after the fixed beginning. */
function hint(kind: "token" | "password", claim: ConnectClaim, client: ClientAddress): string {
  if (isPageClient(claim)) {
    return kind === "token"
      ? "open the dashboard URL and paste the token in Control UI settings"
      : "enter the password in Control UI settings";
  }
  if (claim.clientId !== "cli") return `provide gateway auth ${kind}`;
  return client.localDirect
    ? `use this gateway's gateway.auth.${kind} or pair the device`
    : `set gateway.remote.${kind} to match gateway.auth.${kind}`;
}

export function secretNotConfigured(mode: string): GatewayError {
  const kind = mode === "password" ? "password" : "token";
  const detail = kind === "token" ? "AUTH_TOKEN_NOT_CONFIGURED" : "AUTH_PASSWORD_NOT_CONFIGURED";
  return refusal("INVALID_REQUEST", `unauthorized: gateway ${kind} not configured`, detail, {
    authReason: `${kind}_not_configured`,
    canRetryWithDeviceToken: false,
    recommendedNextStep: "update_auth_configuration",
  });
}

export function deviceTokenMismatch(): GatewayError {
  return refusal(
    "INVALID_REQUEST",
    "unauthorized: device token mismatch (rotate/reissue device token)",
    "AUTH_DEVICE_TOKEN_MISMATCH",
    {
      authReason: "device_token_mismatch",
      canRetryWithDeviceToken: false,
      recommendedNextStep: "update_auth_credentials",
    },
  );
}

/** Undefined where the token covers what is asked for. No request is made of it: the device has to ask for that. */
export function deviceTokenScopes(claim: ConnectClaim, covered: readonly string[]): GatewayError | undefined {
  if (coversAll(new Set(covered), claim.scopes)) return undefined;
  return refusal(
    "INVALID_REQUEST",
    "unauthorized: device token scope mismatch (re-pair or approve scope upgrade)",
    "AUTH_SCOPE_MISMATCH",
    {
      authReason: "scope_mismatch",
      canRetryWithDeviceToken: false,
      recommendedNextStep: "review_auth_configuration",
    },
  );
}

export function bootstrapTokenInvalid(): GatewayError {
  return refusal(
    "INVALID_REQUEST",
    "unauthorized: setup code invalid, expired, revoked, or already used (create a new code; review `openclaw devices list`)",
    "AUTH_BOOTSTRAP_TOKEN_INVALID",
    {
      authReason: "bootstrap_token_invalid",
      canRetryWithDeviceToken: false,
      recommendedNextStep: "review_auth_configuration",
    },
  );
}

export function lockedOut(retryAfterMs: number): GatewayError {
  return new GatewayError(
    "INVALID_REQUEST",
    "unauthorized: too many failed authentication attempts (retry later)",
    {
      detail: "AUTH_RATE_LIMITED",
      details: {
        authReason: "rate_limited",
        canRetryWithDeviceToken: false,
        recommendedNextStep: "wait_then_retry",
      },
      retryable: true,
      retryAfterMs,
    },
  );
}

export function deviceIdentityRequired(): GatewayError {
  return refusal("NOT_PAIRED", "device identity required", "DEVICE_IDENTITY_REQUIRED");
}

export function controlUiNeedsDevice(): GatewayError {
  return refusal(
    "INVALID_REQUEST",
    "control ui requires device identity (use HTTPS or localhost secure context)",
    "CONTROL_UI_DEVICE_IDENTITY_REQUIRED",
  );
}
