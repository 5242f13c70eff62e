import type { Secret } from "../platform/secret.ts";
import { type ConnectDetail, GatewayError, type GatewayErrorExtras } from "../protocol/errors.ts";
import type { GatewayAuth } from "./credentials.ts";
import type { ClientAddress } from "./origin.ts";
import type { Principal } from "./principal.ts";

/** What a client says of itself, after its shape was checked. Nothing here is believed yet. */
export interface ConnectClaim {
  clientId: string;
  clientMode: string;
  role: "operator" | "node";
  scopes: readonly string[];
  token: string | undefined;
  password: string | undefined;
  deviceToken: string | undefined;
  /** Set when the device signature was verified. */
  provenDeviceId: string | undefined;
  /** A browser page: it sent an Origin, which was allowed. */
  fromPage: boolean;
}

export type ConnectDecision =
  | { kind: "granted"; principal: Principal }
  /** `wrongSecret`: a credential was presented and did not match; only that counts against the source. */
  | { kind: "refused"; error: GatewayError; wrongSecret: boolean };

const PAGE_CLIENTS = new Set([
  "openclaw-control-ui",
  "webchat-ui",
  "webchat",
  "openclaw-tui",
  "openclaw-browser-copilot",
]);

/** Pure: the decision order and the error matrix of protocol.md §3, §4.2, §4.3, without stored devices. */
export function decideConnect(
  claim: ConnectClaim,
  auth: GatewayAuth,
  client: ClientAddress,
): ConnectDecision {
  const credential = checkSecret(claim, auth, client);
  if (credential.kind === "refused") return credential;

  const grant = (scopes: readonly string[]): ConnectDecision => ({
    kind: "granted",
    principal: {
      role: claim.role,
      scopes: new Set(scopes),
      method: auth.mode,
      clientId: claim.clientId,
      clientMode: claim.clientMode,
      ip: client.ip,
      localDirect: client.localDirect,
      deviceId: claim.provenDeviceId,
    },
  });

  if (claim.provenDeviceId !== undefined) {
    // Nothing stores approvals yet, so only somebody at this very machine can be taken for the owner.
    return client.localDirect && claim.role === "operator" ? grant(claim.scopes) : pairingRequired(claim);
  }
  if (PAGE_CLIENTS.has(claim.clientId)) {
    return refuse(
      "NOT_PAIRED",
      "control ui requires device identity (use HTTPS or localhost secure context)",
      {
        detail: "CONTROL_UI_DEVICE_IDENTITY_REQUIRED",
      },
    );
  }
  if (claim.role === "node") return deviceIdentityRequired();

  const ownTool =
    (claim.clientId === "gateway-client" && claim.clientMode === "backend") ||
    (claim.clientId === "cli" && claim.clientMode === "cli");
  if (ownTool && client.localDirect && !claim.fromPage) return grant(claim.scopes);
  return auth.mode === "none" ? deviceIdentityRequired() : grant([]);
}

function checkSecret(
  claim: ConnectClaim,
  auth: GatewayAuth,
  client: ClientAddress,
): { kind: "ok" } | Refused {
  if (auth.mode === "none") return { kind: "ok" };
  const kind = auth.mode;
  const expected = kind === "token" ? auth.token : auth.password;
  if (!expected) {
    return refuse("INVALID_REQUEST", `unauthorized: gateway ${kind} not configured`, {
      detail: kind === "token" ? "AUTH_TOKEN_NOT_CONFIGURED" : "AUTH_PASSWORD_NOT_CONFIGURED",
      details: { recommendedNextStep: "update_auth_configuration" },
    });
  }
  // The value is compared whichever field carries it: clients send one pasted secret in both.
  const presented = [claim.token, claim.password].filter((value) => value !== undefined && value !== "");
  if (presented.some((value) => matches(expected, value!))) return { kind: "ok" };
  if (presented.length > 0) return secretRefused(kind, "mismatch", claim, client);
  if (claim.deviceToken) {
    return refuse(
      "INVALID_REQUEST",
      "unauthorized: device token mismatch (rotate/reissue device token)",
      {
        detail: "AUTH_DEVICE_TOKEN_MISMATCH",
        details: {
          authReason: "device_token_mismatch",
          canRetryWithDeviceToken: false,
          recommendedNextStep: "update_auth_credentials",
        },
      },
      true,
    );
  }
  if (claim.provenDeviceId === undefined && !PAGE_CLIENTS.has(claim.clientId))
    return deviceIdentityRequired();
  return secretRefused(kind, "missing", claim, client);
}

function matches(expected: Secret, presented: string): boolean {
  return expected.equals(presented);
}

function secretRefused(
  kind: "token" | "password",
  problem: "missing" | "mismatch",
  claim: ConnectClaim,
  client: ClientAddress,
): Refused {
  const mismatch = problem === "mismatch";
  return refuse(
    "INVALID_REQUEST",
    `unauthorized: gateway ${kind} ${problem} (${hint(kind, claim, client)})`,
    {
      detail: `AUTH_${kind.toUpperCase()}_${problem.toUpperCase()}` as ConnectDetail,
      details: {
        authReason: `${kind}_${problem}`,
        canRetryWithDeviceToken: false,
        recommendedNextStep: mismatch ? "update_auth_credentials" : "update_auth_configuration",
      },
    },
    mismatch,
  );
}

/** Depends on who reads it: the words after the fixed beginning of protocol.md §3. */
function hint(kind: "token" | "password", claim: ConnectClaim, client: ClientAddress): string {
  if (PAGE_CLIENTS.has(claim.clientId)) {
    return kind === "token"
      ? "open the dashboard URL and paste the token in Control UI settings"
      : "enter the password in Control UI settings";
  }
  if (claim.clientId !== "cli") return `provide gateway auth ${kind}`;
  return client.localDirect
    ? `use this gateway's gateway.auth.${kind} or pair the device`
    : `set gateway.remote.${kind} to match gateway.auth.${kind}`;
}

type Refused = Extract<ConnectDecision, { kind: "refused" }>;

function refuse(
  code: "INVALID_REQUEST" | "NOT_PAIRED",
  message: string,
  extras: GatewayErrorExtras & { detail: ConnectDetail },
  wrongSecret = false,
): Refused {
  return { kind: "refused", error: new GatewayError(code, message, extras), wrongSecret };
}

function deviceIdentityRequired(): Refused {
  return refuse("NOT_PAIRED", "device identity required", { detail: "DEVICE_IDENTITY_REQUIRED" });
}

function pairingRequired(claim: ConnectClaim): Refused {
  return refuse("NOT_PAIRED", "pairing required: device is not approved yet", {
    detail: "PAIRING_REQUIRED",
    details: {
      reason: "not-paired",
      deviceId: claim.provenDeviceId,
      requestedRole: claim.role,
      requestedScopes: claim.scopes,
      remediationHint:
        "device not paired — approve this device to connect; this version approves devices only on the gateway's own machine, so connect through an SSH tunnel to it",
      pauseReconnect: true,
    },
  });
}
