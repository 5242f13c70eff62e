import type { GatewayError } from "../protocol/errors.ts";
import type { CredentialClass } from "./attempts.ts";
import {
  bootstrapTokenInvalid,
  type ConnectClaim,
  controlUiNeedsDevice,
  deviceIdentityRequired,
  deviceTokenMismatch,
  deviceTokenScopes,
  isPageClient,
  lockedOut,
  secretNotConfigured,
  secretRefused,
} from "./connect-refusals.ts";
import type { GatewayAuth } from "./credentials.ts";
import type { IdentityVerdict } from "./identity.ts";
import type { ClientAddress } from "./origin.ts";
import type { AuthMethod } from "./principal.ts";

/** What has to be looked up while deciding. Each is asked at most once. */
export interface CredentialQuestions {
  /** Milliseconds until this kind of credential may be tried again from there. */
  lockedForMs(kind: CredentialClass): number;
  /** The scopes a token of the proven device covers, if it is one. */
  deviceTokenScopes(token: string): readonly string[] | undefined;
  /** Uses a setup code up; false for one that does not count. */
  redeem(bootstrapToken: string): boolean;
}

export interface CredentialFacts extends CredentialQuestions {
  auth: GatewayAuth;
  client: ClientAddress;
  /** Came by the socket of the state folder, which only its owner can open. */
  owner: boolean;
  /** Who vouches for the client, where somebody may. */
  identity: IdentityVerdict | undefined;
}

export type CredentialVerdict =
  | { kind: "accepted"; method: AuthMethod; proved?: CredentialClass; scopeCap?: readonly string[] }
  /** `wrong`: credentials that were presented and did not match; only these count against the source. */
  | { kind: "refused"; error: GatewayError; wrong: readonly CredentialClass[] };

/**
 * Which credential counts, in the order of protocol.md §4.2: the shared secret in whichever field it comes, a setup code,
 * a device token. Everything about the source's lockout is asked before anything is compared.
 */
export function checkCredential(claim: ConnectClaim, facts: CredentialFacts): CredentialVerdict {
  const { auth, client, identity } = facts;
  if (facts.owner) return { kind: "accepted", method: "local-owner" };
  if (claim.deviceId === undefined && !(identity?.kind === "known" && identity.scopes)) {
    if (isPageClient(claim)) return refused(controlUiNeedsDevice());
    if (claim.role === "node") return refused(deviceIdentityRequired());
  }
  if (auth.mode === "none") return { kind: "accepted", method: "none" };
  if (identity?.kind === "known")
    return {
      kind: "accepted",
      method: identity.method,
      ...(identity.scopes && { scopeCap: identity.scopes }),
    };

  const expected = auth.mode === "password" ? auth.password : auth.mode === "token" ? auth.token : undefined;
  const secrets = [claim.token, claim.password].filter((value) => value !== undefined && value !== "");
  const wrong: CredentialClass[] = [];
  let waitMs = 0;
  if (secrets.length > 0 && expected) {
    const locked = facts.lockedForMs("shared-secret");
    if (locked === 0 && secrets.some((value) => expected.equals(value!)))
      return { kind: "accepted", method: auth.mode as AuthMethod, proved: "shared-secret" };
    if (locked === 0) wrong.push("shared-secret");
    waitMs = locked;
  }
  if (claim.bootstrapToken) {
    const locked = facts.lockedForMs("bootstrap-token");
    if (locked > 0) return refused(lockedOut(locked));
    if (claim.deviceId === undefined) return refused(deviceIdentityRequired());
    if (facts.redeem(claim.bootstrapToken))
      return { kind: "accepted", method: "bootstrap-token", proved: "bootstrap-token" };
    return refused(bootstrapTokenInvalid(), [...wrong, "bootstrap-token"]);
  }
  const shown = claim.deviceToken || claim.token;
  if (shown && claim.deviceId !== undefined) {
    const locked = facts.lockedForMs("device-token");
    const scopes = locked === 0 ? facts.deviceTokenScopes(shown) : undefined;
    if (scopes !== undefined) return acceptDeviceToken(claim, scopes);
    if (claim.deviceToken) waitMs = locked;
  }
  if (waitMs > 0) return refused(lockedOut(waitMs), wrong);
  if (claim.deviceToken) return refused(deviceTokenMismatch(), [...wrong, "device-token"]);
  if (identity?.kind === "refused" && (secrets.length === 0 || !expected)) return refused(identity.error);
  if (!expected) return refused(secretNotConfigured(auth.mode));
  const kind = auth.mode as "token" | "password";
  if (secrets.length > 0) return refused(secretRefused(kind, "mismatch", claim, client), wrong);
  if (claim.deviceId === undefined) return refused(deviceIdentityRequired());
  return refused(secretRefused(kind, "missing", claim, client));
}

function acceptDeviceToken(claim: ConnectClaim, scopes: readonly string[]): CredentialVerdict {
  const problem = deviceTokenScopes(claim, scopes);
  return problem ? refused(problem) : { kind: "accepted", method: "device-token", proved: "device-token" };
}

function refused(error: GatewayError, wrong: readonly CredentialClass[] = []): CredentialVerdict {
  return { kind: "refused", error, wrong };
}

/**
 * Pure: what a client without a device of its own may do (protocol.md §4.3). Its id and mode are words; they open
 * nothing that the secret and the place it connects from would not.
 */
export function withoutDevice(
  claim: ConnectClaim,
  { auth, client, owner }: Pick<CredentialFacts, "auth" | "client" | "owner">,
): { kind: "granted"; scopes: readonly string[] } | { kind: "refused"; error: GatewayError } {
  if (claim.role === "node") return { kind: "refused", error: deviceIdentityRequired() };
  if (owner) return { kind: "granted", scopes: claim.scopes };
  const backend = claim.clientId === "gateway-client" && claim.clientMode === "backend";
  const commandLine = claim.clientId === "cli" && claim.clientMode === "cli";
  if (client.localDirect && !claim.fromPage && (backend || (commandLine && auth.mode !== "none")))
    return { kind: "granted", scopes: claim.scopes };
  return auth.mode === "none"
    ? { kind: "refused", error: deviceIdentityRequired() }
    : { kind: "granted", scopes: [] };
}
