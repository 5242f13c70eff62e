import { attemptSource } from "../access/attempt-source.ts";
import type { CredentialClass } from "../access/attempts.ts";
import { checkCredential, withoutDevice } from "../access/connect-decision.ts";
import { type ConnectClaim, lockedOut } from "../access/connect-refusals.ts";
import type { Redeemed } from "../access/devices/setups.ts";
import type { IssuedToken } from "../access/devices/tokens.ts";
import { pairingRequired } from "../access/pairing-required.ts";
import type { AuthMethod, Principal } from "../access/principal.ts";
import { GatewayError } from "../protocol/errors.ts";
import { hasScope } from "../protocol/scopes.ts";
import { unavailable } from "./device-door.ts";
import { type CheckedConnect, type HandshakeInput, requireAccepting } from "./handshake.ts";
import type { GatewayServices } from "./services.ts";

export type ConnectOutcome =
  | { kind: "welcome"; principal: Principal; issued: readonly IssuedToken[] }
  /** `delayMs`: a wrong secret of this machine is answered late, and holds no place meanwhile. */
  | { kind: "refused"; error: GatewayError; delayMs: number };

/**
 * The second half of protocol.md §4.2: credential, device, rights. In one go, so that nothing can come between what is
 * true and what is granted: no secret changes, no device is revoked, no other guess is counted meanwhile.
 */
export function decideConnect(
  input: HandshakeInput,
  checked: CheckedConnect,
  services: GatewayServices,
): ConnectOutcome {
  try {
    requireAccepting(services);
    return decide(input, checked, services);
  } catch (thrown) {
    const error = unavailable(thrown);
    if (!(error instanceof GatewayError)) throw error;
    return { kind: "refused", error, delayMs: 0 };
  }
}

function decide(input: HandshakeInput, checked: CheckedConnect, services: GatewayServices): ConnectOutcome {
  const { params, device, devices, identity } = checked;
  const { auth, attempts } = services;
  const { address: client, owner, origin, request } = input;
  const source = attemptSource(client, origin === "absent" ? undefined : request.headers.origin);
  const claim = claimOf(input, checked);
  let redeemed: Redeemed | undefined;

  const verdict = checkCredential(claim, {
    auth,
    client,
    owner,
    identity,
    lockedForMs: (kind) => attempts.retryAfterMs(kind, source),
    deviceTokenScopes: (token) => devices?.findToken(claim.deviceId!, claim.role, token)?.scopes,
    redeem(bootstrapToken) {
      redeemed = devices!.redeem(bootstrapToken, device!);
      return redeemed !== undefined;
    },
  });
  if (verdict.kind === "refused") {
    return { kind: "refused", ...penalty(verdict.error, verdict.wrong) };
  }
  if (verdict.proved) attempts.succeeded(verdict.proved, source);

  const welcome = (scopes: readonly string[], issued: readonly IssuedToken[] = []): ConnectOutcome => ({
    kind: "welcome",
    issued,
    principal: {
      role: params.role,
      scopes: new Set(scopes),
      method: verdict.method,
      clientId: claim.clientId,
      clientMode: claim.clientMode,
      ip: client.ip,
      localDirect: client.localDirect,
      deviceId: device?.deviceId,
    },
  });

  if (redeemed) return welcome([], redeemed.tokens);
  const { scopeCap } = verdict;
  if (scopeCap) {
    const granted = new Set(scopeCap);
    return welcome(params.scopes.filter((scope) => hasScope(granted, scope)));
  }
  if (!device || !devices) {
    const plain = withoutDevice(claim, { auth, client, owner });
    return plain.kind === "granted"
      ? welcome(plain.scopes)
      : { kind: "refused", error: plain.error, delayMs: 0 };
  }

  const token = shownToken(claim, verdict.method);
  const known = token && devices.findToken(device.deviceId, params.role, token);
  const admission = devices.admit({
    device,
    role: params.role,
    scopes: params.scopes,
    credential: verdict.method === "device-token" ? "device-token" : "secret",
    localDirect: client.localDirect || owner,
    hasToken: known !== undefined,
    ...(request.headers.origin !== undefined && { browserOrigin: request.headers.origin }),
  });
  if (admission.kind === "waiting") {
    return { kind: "refused", error: pairingRequired(admission.request, admission.known), delayMs: 0 };
  }
  if (known) devices.store.tokenUsed(known.hash, services.clock.now());
  return welcome(params.scopes, admission.issued ? [admission.issued] : []);

  function penalty(error: GatewayError, wrong: readonly CredentialClass[]) {
    let delayMs = 0;
    for (const kind of wrong) {
      const found = attempts.failed(kind, source);
      if (found.kind === "overdue") return { error: lockedOut(found.retryAfterMs), delayMs: 0 };
      delayMs = Math.max(delayMs, found.delayMs);
    }
    return { error, delayMs };
  }
}

/** A token field may carry a device token, but not when it was the shared secret that counted. */
function shownToken(claim: ConnectClaim, method: AuthMethod): string | undefined {
  return claim.deviceToken || (method === "device-token" ? claim.token : undefined) || undefined;
}

function claimOf({ origin }: HandshakeInput, { params, device }: CheckedConnect): ConnectClaim {
  const { client, role, scopes, auth } = params;
  return {
    clientId: client.id,
    clientMode: client.mode,
    role,
    scopes,
    token: auth.token,
    password: auth.password,
    deviceToken: auth.deviceToken,
    bootstrapToken: auth.bootstrapToken,
    deviceId: device?.deviceId,
    fromPage: origin !== "absent",
  };
}
