import { safeParse } from "valibot";
import { decideConnect } from "../access/connect-decision.ts";
import { verifyDevice } from "../access/device-proof.ts";
import type { ClientAddress, OriginVerdict } from "../access/origin.ts";
import type { Principal } from "../access/principal.ts";
import { GatewayError } from "../protocol/errors.ts";
import { CLOSE, MIN_PROBE_PROTOCOL, PROTOCOL_VERSION } from "../protocol/limits.ts";
import { ConnectParams } from "./connect-params.ts";
import type { GatewayServices } from "./services.ts";
import { describeIssue } from "./validation.ts";

export interface HandshakeInput {
  params: unknown;
  nonce: string;
  address: ClientAddress;
  origin: OriginVerdict;
  originHeader: string | undefined;
}

export type Handshake =
  | { kind: "welcome"; params: ConnectParams; principal: Principal }
  | { kind: "refused"; error: GatewayError; closeCode: number };

/** Decides one `connect`, in the order of protocol.md §4.2: origin, schema, protocol, role, device, credential. */
export function handshake(input: HandshakeInput, services: GatewayServices): Handshake {
  try {
    return welcome(input, services);
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    return { kind: "refused", error: thrown, closeCode: closeCodeOf(thrown) };
  }
}

function closeCodeOf(error: GatewayError): number {
  if (error.extras.detail === "PROTOCOL_MISMATCH") return CLOSE.protocolMismatch;
  return error.code === "UNAVAILABLE" ? CLOSE.tryLater : CLOSE.policy;
}

function welcome(input: HandshakeInput, services: GatewayServices): Handshake {
  const parsed = safeParse(ConnectParams, input.params, { abortEarly: true });
  if (input.origin === "denied") throw originRefused();
  if (!parsed.success) {
    throw new GatewayError("INVALID_REQUEST", `invalid connect params: ${describeIssue(parsed.issues[0])}`);
  }
  const params = parsed.output;
  requireAccepting(services);
  requireProtocol(params);
  if (params.role !== "operator" && params.role !== "node")
    throw new GatewayError("INVALID_REQUEST", "invalid role");
  if (isControlUi(params) && input.origin === "absent") throw originRefused("origin missing or invalid");

  const provenDeviceId = params.device && proveDevice(params, input.nonce, services);
  const source = sourceKey(input);
  const waitMs = services.attempts.retryAfterMs(source);
  if (waitMs > 0) throw lockedOut(waitMs);

  const decision = decideConnect(
    {
      clientId: params.client.id,
      clientMode: params.client.mode,
      role: params.role,
      scopes: params.scopes,
      token: params.auth.token,
      password: params.auth.password,
      deviceToken: params.auth.deviceToken,
      provenDeviceId,
      fromPage: input.origin !== "absent",
    },
    services.auth,
    input.address,
  );
  if (decision.kind === "refused") {
    if (decision.wrongSecret && countsAgainst(input)) services.attempts.failed(source);
    throw decision.error;
  }
  services.attempts.succeeded(source);
  return { kind: "welcome", params, principal: decision.principal };
}

/** A page is counted by its origin: one hostile tab must not lock the owner's terminal out (protocol.md §4.5). */
function sourceKey({ origin, originHeader, address }: HandshakeInput): string {
  return origin === "absent" ? `ip ${address.ip}` : `origin ${originHeader}`;
}

function countsAgainst({ origin, address }: HandshakeInput): boolean {
  return origin !== "absent" || !address.localDirect;
}

function requireAccepting({ lifecycle }: GatewayServices): void {
  switch (lifecycle.phase()) {
    case "started":
      return;
    case "starting":
      throw new GatewayError("UNAVAILABLE", "gateway starting; retry shortly", {
        details: { reason: "startup-sidecars" },
        retryable: true,
        retryAfterMs: 500,
      });
    case "stopping":
      throw new GatewayError("UNAVAILABLE", "gateway restart in progress", {
        details: { reason: "gateway-restarting" },
        retryable: true,
        retryAfterMs: 1500,
      });
  }
}

function requireProtocol({ minProtocol, maxProtocol, client, role }: ConnectParams): void {
  const oldest =
    client.mode === "probe" || (role === "node" && client.mode === "node")
      ? MIN_PROBE_PROTOCOL
      : PROTOCOL_VERSION;
  if (maxProtocol >= oldest && minProtocol <= PROTOCOL_VERSION) return;
  throw new GatewayError("INVALID_REQUEST", "protocol mismatch", {
    detail: "PROTOCOL_MISMATCH",
    details: {
      clientMinProtocol: minProtocol,
      clientMaxProtocol: maxProtocol,
      expectedProtocol: PROTOCOL_VERSION,
      minimumProbeProtocol: MIN_PROBE_PROTOCOL,
    },
  });
}

function proveDevice(
  { device, client, role, scopes, auth }: ConnectParams,
  nonce: string,
  services: GatewayServices,
): string {
  const context = {
    clientId: client.id,
    clientMode: client.mode,
    role,
    scopes,
    token: auth.token ?? auth.deviceToken ?? auth.bootstrapToken ?? "",
    platform: client.platform,
    deviceFamily: client.deviceFamily ?? "",
  };
  const verdict = verifyDevice(device!, context, nonce, services.clock.now());
  if (verdict.kind === "proven") return verdict.deviceId;
  throw new GatewayError("INVALID_REQUEST", verdict.message, {
    detail: verdict.detail,
    details: { reason: verdict.reason },
  });
}

function isControlUi({ client }: ConnectParams): boolean {
  return client.id === "openclaw-control-ui" || client.id.startsWith("webchat");
}

function originRefused(reason = "origin not allowed"): GatewayError {
  return new GatewayError(
    "INVALID_REQUEST",
    "origin not allowed (open the Control UI from the gateway host or allow it in gateway.controlUi.allowedOrigins)",
    { detail: "CONTROL_UI_ORIGIN_NOT_ALLOWED", details: { reason } },
  );
}

function lockedOut(retryAfterMs: number): GatewayError {
  return new GatewayError(
    "INVALID_REQUEST",
    "unauthorized: too many failed authentication attempts (retry later)",
    {
      detail: "AUTH_RATE_LIMITED",
      details: { authReason: "rate_limited", recommendedNextStep: "wait_then_retry" },
      retryable: true,
      retryAfterMs,
    },
  );
}
