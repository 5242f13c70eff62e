import { hasScope, type Role } from "../../protocol/scopes.ts";
import type { DeviceRoom } from "./announce.ts";
import { decidePairing, type PairingFacts } from "./pairing-decision.ts";
import { type DeviceFacts, grantOf, type PairedDevice, type PairingRequest } from "./records.ts";
import { askOwner } from "./requests.ts";
import { type IssuedToken, issueToken } from "./tokens.ts";

/** So many devices may be approved without anybody being asked; every one more pushes out one that is not used. */
const MAX_SILENT = 32;

export interface AdmissionInput {
  device: DeviceFacts;
  role: Role;
  scopes: readonly string[];
  credential: PairingFacts["credential"];
  localDirect: boolean;
  /** The client has shown a live token of this device and role, so it needs no other. */
  hasToken: boolean;
  browserOrigin?: string;
}

export type Admission =
  | { kind: "admitted"; issued: IssuedToken | undefined }
  | { kind: "waiting"; request: PairingRequest; known: PairedDevice | undefined };

/** Decides about a device whose key and credential hold, and writes down what follows. */
export function admitDevice(room: DeviceRoom, input: AdmissionInput): Admission {
  const { store, announce } = room;
  const { device, role, scopes } = input;
  const known = store.find(device.deviceId);
  const silent = known ? undefined : silentRoom(room);
  const decision = decidePairing({
    ...input,
    platform: device.platform,
    deviceFamily: device.deviceFamily,
    known,
    silentRoom: silent?.kind === "room",
  });
  if (decision.kind === "ask-owner") {
    const { reason } = decision;
    const request = askOwner(room, { ...input, reason, isRepair: known !== undefined });
    return { kind: "waiting", request, known };
  }
  const durable = decision.kind !== "known";
  const issued = store.database.transaction(
    () => {
      if (silent?.kind === "room" && silent.pruned !== undefined) store.remove(silent.pruned);
      if (decision.kind === "pair-silently") pairSilently(room, device, role, scopes);
      if (decision.kind === "widen") widen(room, device.deviceId, role, scopes);
      if (decision.kind === "known")
        store.seen(device.deviceId, room.clock.now(), "connect", device.remoteIp);
      if (input.hasToken) return undefined;
      const granted = grantOf(store.find(device.deviceId), role)!;
      return issueToken(room, { deviceId: device.deviceId, role, scopes: granted.scopes });
    },
    { durable },
  );
  if (silent?.kind === "room" && silent.pruned !== undefined && decision.kind === "pair-silently")
    announce({ kind: "revoked", deviceId: silent.pruned });
  if (decision.kind === "pair-silently") {
    const pruned = silent?.kind === "room" ? silent.pruned : undefined;
    announce({
      kind: "paired-silently",
      deviceId: device.deviceId,
      role,
      scopes,
      ...(pruned !== undefined && { pruned }),
    });
  }
  if (decision.kind === "widen") announce({ kind: "widened", deviceId: device.deviceId, role, scopes });
  return { kind: "admitted", issued };
}

type SilentRoom = { kind: "room"; pruned?: string } | { kind: "full" };

/** The least recently seen one that never came back with its token gives way; those in use never do (AUTH-38). */
function silentRoom({ store, isConnected }: DeviceRoom): SilentRoom {
  const silent = store.list().filter(({ approvedVia }) => approvedVia === "silent");
  if (silent.length < MAX_SILENT) return { kind: "room" };
  const [unused] = silent
    .filter(({ deviceId, label }) => label === undefined && !isConnected(deviceId))
    .filter(({ deviceId, grants }) =>
      grants.every(({ role }) =>
        store.tokens(deviceId, role).every((token) => token.lastUsedAtMs === undefined),
      ),
    )
    .sort((a, b) => a.lastSeenAtMs - b.lastSeenAtMs);
  return unused ? { kind: "room", pruned: unused.deviceId } : { kind: "full" };
}

function pairSilently(
  { store, clock }: DeviceRoom,
  device: DeviceFacts,
  role: Role,
  scopes: readonly string[],
): void {
  const now = clock.now();
  store.put({
    ...device,
    grants: [],
    approvedVia: "silent",
    createdAtMs: now,
    approvedAtMs: now,
    lastSeenAtMs: now,
    lastSeenReason: "connect",
  });
  store.putGrant(device.deviceId, { role, scopes: [...scopes], approvedAtMs: now });
  const waiting = store.requestOf(device.deviceId);
  if (waiting) store.dropRequest(waiting.requestId);
}

/** The set of approved scopes grows, and so do the tokens that cover it: racing clients never break each other. */
export function widen(
  { store, clock }: DeviceRoom,
  deviceId: string,
  role: Role,
  scopes: readonly string[],
): void {
  const grant = grantOf(store.find(deviceId), role)!;
  const added = scopes.filter((scope) => !hasScope(new Set(grant.scopes), scope));
  store.putGrant(deviceId, { ...grant, scopes: [...grant.scopes, ...added], approvedAtMs: clock.now() });
  for (const token of store.tokens(deviceId, role)) {
    // One that was narrowed on purpose stays narrow.
    if (grant.scopes.every((scope) => token.scopes.includes(scope)))
      store.setTokenScopes(token.hash, [...new Set([...token.scopes, ...added])]);
  }
  store.seen(deviceId, clock.now(), "connect", store.find(deviceId)!.remoteIp);
}
