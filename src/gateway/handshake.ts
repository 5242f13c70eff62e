import type { IncomingMessage } from "node:http";
import { safeParse } from "valibot";
import type { DeviceClaim } from "../access/device-proof.ts";
import { verifyDevice } from "../access/device-proof.ts";
import type { Devices } from "../access/devices/devices.ts";
import type { DeviceFacts } from "../access/devices/records.ts";
import type { IdentityVerdict } from "../access/identity.ts";
import type { ClientAddress, OriginVerdict } from "../access/origin.ts";
import { identifyByProxy } from "../access/trusted-proxy.ts";
import { GatewayError } from "../protocol/errors.ts";
import { MIN_PROBE_PROTOCOL, PROTOCOL_VERSION } from "../protocol/limits.ts";
import type { Role } from "../protocol/scopes.ts";
import { ConnectParams } from "./connect-params.ts";
import type { GatewayServices } from "./services.ts";
import { describeIssue } from "./validation.ts";

export interface HandshakeInput {
  params: unknown;
  nonce: string;
  request: IncomingMessage;
  address: ClientAddress;
  origin: OriginVerdict;
  /** Came by the socket of the state folder. */
  owner: boolean;
}

/** A `connect` whose shape, protocol and device proof hold, with what it takes to decide about it at once. */
export interface CheckedConnect {
  params: ConnectParams & { role: Role };
  /** Proven by its signature over this socket's challenge. */
  device: DeviceFacts | undefined;
  /** Open when there is a device to decide about. */
  devices: Devices | undefined;
  identity: IdentityVerdict | undefined;
}

/**
 * The first half of protocol.md §4.2: origin, schema, protocol, role, device proof; then whatever has to be waited for.
 * Rejects with the `GatewayError` to answer with. Nothing is decided here that could change while it waits.
 */
export async function checkConnect(
  input: HandshakeInput,
  services: GatewayServices,
): Promise<CheckedConnect> {
  const parsed = safeParse(ConnectParams, input.params, { abortEarly: true });
  if (input.origin === "denied") throw originRefused();
  if (!parsed.success) {
    throw new GatewayError("INVALID_REQUEST", `invalid connect params: ${describeIssue(parsed.issues[0])}`);
  }
  const params = parsed.output;
  requireAccepting(services);
  requireProtocol(params);
  const { role } = params;
  if (role !== "operator" && role !== "node") throw new GatewayError("INVALID_REQUEST", "invalid role");
  if (isControlUi(params) && input.origin === "absent" && !input.owner)
    throw originRefused("origin missing or invalid");
  const device = params.device && proveDevice(params, params.device, input, services);
  const [devices, identity] = await Promise.all([
    device && services.devices.open(),
    identify(input, services),
  ]);
  return { params: { ...params, role }, device, devices, identity };
}

async function identify(
  { request, address, owner }: HandshakeInput,
  { auth, perimeter, whois }: GatewayServices,
): Promise<IdentityVerdict | undefined> {
  if (owner) return undefined;
  if (auth.trustedProxy) return identifyByProxy(request, perimeter.trustedProxies, auth.trustedProxy);
  if (!address.tailscale) return undefined;
  const { identifyByTailscale } = await import("../access/tailscale.ts");
  return identifyByTailscale(address, whois);
}

export function requireAccepting({ lifecycle }: GatewayServices): void {
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
  { client, role, scopes, auth }: ConnectParams,
  claim: DeviceClaim,
  { nonce, address }: HandshakeInput,
  { clock }: GatewayServices,
): DeviceFacts {
  const context = {
    clientId: client.id,
    clientMode: client.mode,
    role,
    scopes,
    token: auth.token ?? auth.deviceToken ?? auth.bootstrapToken ?? "",
    platform: client.platform,
    deviceFamily: client.deviceFamily ?? "",
  };
  const verdict = verifyDevice(claim, context, nonce, clock.now());
  if (verdict.kind === "refused") {
    throw new GatewayError("INVALID_REQUEST", verdict.message, {
      detail: verdict.detail,
      details: { reason: verdict.reason },
    });
  }
  return {
    deviceId: verdict.deviceId,
    publicKey: claim.publicKey,
    ...(client.displayName !== undefined && { displayName: client.displayName }),
    platform: client.platform,
    deviceFamily: client.deviceFamily ?? "",
    clientId: client.id,
    clientMode: client.mode,
    remoteIp: address.ip,
  };
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
