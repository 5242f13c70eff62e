import { GatewayError } from "../../protocol/errors.ts";
import { coversAll, hasScope, type Role } from "../../protocol/scopes.ts";
import type { DeviceRoom } from "./announce.ts";
import { type DeviceCaller, denied, lackedScope, mayManage } from "./caller.ts";
import { grantOf, liveGrants, type PairedDevice, type PairingRequest } from "./records.ts";
import { forgetExpired, openRequests } from "./requests.ts";
import { issueToken } from "./tokens.ts";

/** More than anybody owns; beyond it something is wrong and the owner has to look. */
const MAX_DEVICES = 512;

/** Who is paired and who waits; a device without operator.admin sees itself (AUTH-32). */
export function listDevices(
  room: DeviceRoom,
  caller: DeviceCaller,
): { pending: PairingRequest[]; paired: PairedDevice[] } {
  const mine = ({ deviceId }: { deviceId: string }) => mayManage(caller, deviceId);
  return { pending: openRequests(room).filter(mine), paired: room.store.list().filter(mine) };
}

/** Nobody gives rights away that they do not have, and no device approves itself (AUTH-31). */
export function approveRequest(room: DeviceRoom, caller: DeviceCaller, requestId: string): PairedDevice {
  const { store, announce } = room;
  const request = requireRequest(room, requestId);
  if (caller.deviceId !== undefined && !hasScope(caller.scopes, "operator.admin"))
    throw denied("device pairing approval");
  const lacked = lackedScope(caller, request.roles.includes("operator") ? request.scopes : []);
  if (lacked !== undefined) throw new GatewayError("INVALID_REQUEST", `missing scope: ${lacked}`);
  const before = store.find(request.deviceId);
  if (!before && store.count() >= MAX_DEVICES) {
    throw new GatewayError("INVALID_REQUEST", `${MAX_DEVICES} devices are paired already`, {
      hint: "remove some: openclaw devices list",
    });
  }
  store.database.transaction(() => writeApproval(room, request, before), { durable: true });
  const { deviceId } = request;
  announce({ kind: "resolved", requestId, deviceId, decision: "approved" });
  announce({ kind: "changed" });
  // With another description it is another client; what the former one holds is over.
  if (request.reason === "metadata-upgrade") announce({ kind: "revoked", deviceId });
  return store.find(deviceId)!;
}

function writeApproval(
  { store, clock }: DeviceRoom,
  request: PairingRequest,
  before: PairedDevice | undefined,
): void {
  const now = clock.now();
  const { deviceId } = request;
  store.put({
    ...request,
    grants: [],
    approvedVia: "owner",
    createdAtMs: before?.createdAtMs ?? now,
    approvedAtMs: now,
    lastSeenAtMs: request.askedAtMs,
    lastSeenReason: "pairing",
  });
  for (const role of request.roles) {
    const former = grantOf(before, role);
    const kept = former && former.revokedAtMs === undefined ? former.scopes : [];
    const asked = role === "operator" ? request.scopes : [];
    const scopes = [...new Set([...kept, ...asked])];
    store.putGrant(deviceId, { role, scopes, approvedAtMs: now });
    for (const token of store.tokens(deviceId, role)) store.setTokenScopes(token.hash, scopes);
  }
  store.dropRequest(request.requestId);
}

export function rejectRequest(
  room: DeviceRoom,
  caller: DeviceCaller,
  requestId: string,
): { deviceId: string } {
  const { deviceId } = requireRequest(room, requestId);
  if (!mayManage(caller, deviceId)) throw denied("device pairing rejection");
  room.store.dropRequest(requestId);
  room.announce({ kind: "resolved", requestId, deviceId, decision: "rejected" });
  return { deviceId };
}

export function removeDevice(room: DeviceRoom, caller: DeviceCaller, deviceId: string): void {
  if (!mayManage(caller, deviceId)) throw denied("device removal");
  const { store, announce } = room;
  const removed = store.database.transaction(() => store.remove(deviceId), { durable: true });
  if (!removed) throw unknownDevice();
  announce({ kind: "revoked", deviceId });
  announce({ kind: "changed" });
}

export function renameDevice(room: DeviceRoom, caller: DeviceCaller, deviceId: string, label: string): void {
  if (!mayManage(caller, deviceId)) throw denied("device rename");
  if (!room.store.find(deviceId)) throw unknownDevice();
  room.store.setLabel(deviceId, label);
  room.announce({ kind: "changed" });
}

export interface RotatedToken {
  scopes: string[];
  rotatedAtMs: number;
  token: string;
}

/** A new token in the place of all former ones; never for more than was approved, nor than the caller has (AUTH-30). */
export function rotateToken(
  room: DeviceRoom,
  caller: DeviceCaller,
  { deviceId, role, scopes: wanted }: { deviceId: string; role: string; scopes?: readonly string[] },
): RotatedToken {
  const { store, clock, announce } = room;
  const grant = grantOf(store.find(deviceId), role as Role);
  const scopes = wanted ?? grant?.scopes ?? [];
  const allowed =
    mayManage(caller, deviceId) &&
    grant !== undefined &&
    grant.revokedAtMs === undefined &&
    coversAll(new Set(grant.scopes), scopes) &&
    lackedScope(caller, scopes) === undefined;
  if (!allowed) throw denied("device token rotation");
  const rotatedAtMs = clock.now();
  const issued = store.database.transaction(
    () => {
      store.dropTokens(deviceId, grant.role);
      store.putGrant(deviceId, { ...grant, rotatedAtMs });
      return issueToken(room, { deviceId, role: grant.role, scopes });
    },
    { durable: true },
  );
  announce({ kind: "revoked", deviceId, role: grant.role });
  announce({ kind: "changed" });
  return { scopes: issued.scopes, rotatedAtMs, token: issued.token };
}

/** The role is gone until the owner approves it again; the rest of the device stays. */
export function revokeToken(
  room: DeviceRoom,
  caller: DeviceCaller,
  { deviceId, role }: { deviceId: string; role: string },
): { revokedAtMs: number } {
  const { store, clock, announce } = room;
  const device = store.find(deviceId);
  const grant = grantOf(device, role as Role);
  if (!mayManage(caller, deviceId) || !device || !grant) throw denied("device token revocation");
  const revokedAtMs = grant.revokedAtMs ?? clock.now();
  store.database.transaction(
    () => {
      store.dropTokens(deviceId, grant.role);
      store.putGrant(deviceId, { ...grant, revokedAtMs });
    },
    { durable: true },
  );
  announce({ kind: "revoked", deviceId, role: grant.role });
  announce({ kind: "changed" });
  return { revokedAtMs };
}

/** One spelling of what a client reads of a paired device; token hashes are nobody's business. */
export function deviceEntry(room: DeviceRoom, device: PairedDevice) {
  const { grants, ...facts } = device;
  const live = liveGrants(device);
  const scopes = [...new Set(live.flatMap((grant) => grant.scopes))];
  return {
    ...facts,
    role: live[0]?.role ?? grants[0]?.role,
    roles: live.map(({ role }) => role),
    scopes,
    connected: room.isConnected(device.deviceId),
    tokens: grants.map(({ role, scopes, approvedAtMs, rotatedAtMs, revokedAtMs }) => {
      const tokens = room.store.tokens(device.deviceId, role);
      const lastUsedAtMs = Math.max(0, ...tokens.map((token) => token.lastUsedAtMs ?? 0));
      return {
        role,
        scopes,
        createdAtMs: tokens[0]?.createdAtMs ?? approvedAtMs,
        ...(lastUsedAtMs > 0 && { lastUsedAtMs }),
        ...(rotatedAtMs !== undefined && { rotatedAtMs }),
        ...(revokedAtMs !== undefined && { revokedAtMs }),
      };
    }),
  };
}

export type DeviceEntry = ReturnType<typeof deviceEntry>;

function requireRequest(room: DeviceRoom, requestId: string): PairingRequest {
  forgetExpired(room);
  const request = room.store.request(requestId);
  if (!request) throw new GatewayError("INVALID_REQUEST", "unknown requestId");
  return request;
}

function unknownDevice(): GatewayError {
  return new GatewayError("INVALID_REQUEST", "unknown deviceId");
}
