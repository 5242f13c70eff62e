import { randomUUID } from "node:crypto";
import type { Role } from "../../protocol/scopes.ts";
import type { DeviceRoom } from "./announce.ts";
import type { DeviceFacts, PairingReason, PairingRequest } from "./records.ts";

/** A request is forgotten this long after the device's last attempt. */
export const REQUEST_LIFETIME_MS = 300_000;
/** Who knows the secret may ask, but not fill the owner's list. */
const MAX_REQUESTS = 64;
const MAX_REQUESTS_PER_IP = 16;

export interface Wish {
  device: DeviceFacts;
  role: Role;
  scopes: readonly string[];
  reason: PairingReason;
  isRepair: boolean;
  browserOrigin?: string;
}

/**
 * Puts a device on the owner's list. Asking for the same again is the same request; asking for something else is a new
 * one for both, and the old one counts as rejected.
 */
export function askOwner(room: DeviceRoom, wish: Wish): PairingRequest {
  const { store, clock, announce } = room;
  forgetExpired(room);
  const before = store.requestOf(wish.device.deviceId);
  const same = before !== undefined && isSame(before, wish);
  const request: PairingRequest = {
    ...wish.device,
    requestId: same ? before.requestId : randomUUID(),
    reason: wish.reason,
    role: wish.role,
    roles: union(before?.roles ?? [], [wish.role]),
    scopes: union(before?.scopes ?? [], wish.scopes),
    isRepair: wish.isRepair,
    askedAtMs: clock.now(),
    ...(wish.browserOrigin !== undefined && { browserOrigin: wish.browserOrigin }),
  };
  store.database.transaction(() => {
    if (!before) makeRoom(room, wish.device.remoteIp);
    store.putRequest(request);
  });
  if (before && !same) {
    const { requestId, deviceId } = before;
    announce({ kind: "resolved", requestId, deviceId, decision: "rejected" });
  }
  announce({ kind: "requested", request, isNew: !same });
  return request;
}

/** Those that are still worth an answer. */
export function openRequests(room: DeviceRoom): PairingRequest[] {
  forgetExpired(room);
  return room.store.requests();
}

export function forgetExpired({ store, clock, announce }: DeviceRoom): void {
  for (const { requestId, deviceId, askedAtMs } of store.requests()) {
    if (askedAtMs + REQUEST_LIFETIME_MS > clock.now()) continue;
    store.dropRequest(requestId);
    announce({ kind: "resolved", requestId, deviceId, decision: "expired" });
  }
}

function isSame(before: PairingRequest, { role, scopes, reason, device }: Wish): boolean {
  return (
    before.role === role &&
    before.reason === reason &&
    scopes.every((scope) => before.scopes.includes(scope)) &&
    before.platform === device.platform &&
    before.deviceFamily === device.deviceFamily
  );
}

/** The oldest gives way: first that of the same address, so that one host cannot push out the others. */
function makeRoom({ store, announce }: DeviceRoom, ip: string): void {
  const all = store.requests();
  const own = all.filter(({ remoteIp }) => remoteIp === ip);
  const oldest =
    own.length >= MAX_REQUESTS_PER_IP ? own[0] : all.length >= MAX_REQUESTS ? (own[0] ?? all[0]) : undefined;
  if (!oldest) return;
  store.dropRequest(oldest.requestId);
  const { requestId, deviceId } = oldest;
  announce({ kind: "resolved", requestId, deviceId, decision: "expired" });
}

function union<T>(a: readonly T[], b: readonly T[]): T[] {
  return [...new Set([...a, ...b])];
}
