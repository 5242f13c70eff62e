import { existsSync, renameSync } from "node:fs";
import type { Clock } from "../../platform/clock.ts";
import { Fault } from "../../platform/fault.ts";
import { GatewayError } from "../../protocol/errors.ts";
import type { Role } from "../../protocol/scopes.ts";
import {
  approveRequest,
  type DeviceEntry,
  deviceEntry,
  listDevices,
  type RotatedToken,
  rejectRequest,
  removeDevice,
  renameDevice,
  revokeToken,
  rotateToken,
} from "./administration.ts";
import { type Admission, type AdmissionInput, admitDevice } from "./admission.ts";
import type { DeviceEvent, DeviceRoom } from "./announce.ts";
import type { DeviceCaller } from "./caller.ts";
import {
  type DeviceFacts,
  grantOf,
  type PairedDevice,
  type PairingRequest,
  type Setup,
  type SetupAccess,
  type TokenRecord,
} from "./records.ts";
import { openRequests } from "./requests.ts";
import { createSetup, findSetup, type Redeemed, redeemSetup } from "./setups.ts";
import { type DeviceStore, openDeviceStore } from "./store.ts";
import { findToken, type IssuedToken, issueToken } from "./tokens.ts";
import { openUpgrades, type Upgrades } from "./upgrades.ts";

/** Everything that can be done with devices, over one open store. */
export interface Devices extends DeviceRoom, Disposable {
  upgrades: Upgrades;
  findToken(deviceId: string, role: Role, token: string): TokenRecord | undefined;
  admit(input: AdmissionInput): Admission;
  redeem(bootstrapToken: string, device: DeviceFacts): Redeemed | undefined;
  counts(): { paired: number; pending: number };
  list(caller: DeviceCaller): { pending: PairingRequest[]; paired: PairedDevice[] };
  entry(device: PairedDevice): DeviceEntry;
  approve(caller: DeviceCaller, requestId: string): PairedDevice;
  reject(caller: DeviceCaller, requestId: string): { deviceId: string };
  remove(caller: DeviceCaller, deviceId: string): void;
  rename(caller: DeviceCaller, deviceId: string, label: string): void;
  rotate(
    caller: DeviceCaller,
    which: { deviceId: string; role: string; scopes?: readonly string[] },
  ): RotatedToken;
  revoke(caller: DeviceCaller, which: { deviceId: string; role: string }): { revokedAtMs: number };
  /** One more token for a device that is approved; throws `GatewayError` for one that is not. */
  issue(deviceId: string, role: Role): IssuedToken;
  createSetup(access: SetupAccess): Setup & { bootstrapToken: string };
  findSetup(setupId: string): Setup | undefined;
}

export interface DevicesInput {
  path: string;
  clock: Clock;
  announce(event: DeviceEvent): void;
  isConnected(deviceId: string): boolean;
  /** The file was damaged; it lies there now, and an empty one has taken its place. */
  onSetAside(path: string, cause: Error): void;
}

/**
 * The paired devices of this state folder. A file of its own: damage to it costs the pairings, which can be made anew,
 * and nothing else. Throws `Fault` where the disk refuses or the file is of a newer version.
 */
export function openDevices(input: DevicesInput): Devices {
  const store = openOrSetAside(input);
  const room: DeviceRoom = {
    store,
    clock: input.clock,
    isConnected: input.isConnected,
    announce(event) {
      upgrades.heard(event);
      input.announce(event);
    },
  };
  const upgrades = openUpgrades(room);
  return {
    ...room,
    upgrades,
    findToken: (deviceId, role, token) => findToken(room, { deviceId, role, token }),
    admit: (wish) => admitDevice(room, wish),
    redeem: (bootstrapToken, device) => redeemSetup(room, bootstrapToken, device),
    counts: () => ({ paired: store.count(), pending: openRequests(room).length }),
    list: (caller) => listDevices(room, caller),
    entry: (device) => deviceEntry(room, device),
    approve: (caller, requestId) => approveRequest(room, caller, requestId),
    reject: (caller, requestId) => rejectRequest(room, caller, requestId),
    remove: (caller, deviceId) => removeDevice(room, caller, deviceId),
    rename: (caller, deviceId, label) => renameDevice(room, caller, deviceId, label),
    rotate: (caller, which) => rotateToken(room, caller, which),
    revoke: (caller, which) => revokeToken(room, caller, which),
    issue(deviceId, role) {
      const grant = grantOf(store.find(deviceId), role);
      if (!grant || grant.revokedAtMs !== undefined)
        throw new GatewayError("INVALID_REQUEST", "unknown deviceId");
      const wanted = { deviceId, role, scopes: grant.scopes };
      return store.database.transaction(() => issueToken(room, wanted), { durable: true });
    },
    createSetup: (access) => createSetup(room, access),
    findSetup: (setupId) => findSetup(room, setupId),
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
}

function openOrSetAside({ path, clock, onSetAside }: DevicesInput): DeviceStore {
  try {
    return openDeviceStore(path);
  } catch (error) {
    if (!(error instanceof Fault) || !/ is damaged: /.test(error.message)) throw error;
    const aside = `${path}.damaged.${clock.now()}`;
    for (const end of ["", "-wal", "-shm"]) if (existsSync(path + end)) renameSync(path + end, aside + end);
    const store = openDeviceStore(path);
    onSetAside(aside, error);
    return store;
  }
}
