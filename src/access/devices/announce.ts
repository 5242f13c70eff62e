import type { Clock } from "../../platform/clock.ts";
import type { Role } from "../../protocol/scopes.ts";
import type { PairingRequest, SetupAccess } from "./records.ts";
import type { DeviceStore } from "./store.ts";

/** What has happened to a device; whoever opened the store tells clients and the log. */
export type DeviceEvent =
  | { kind: "requested"; request: PairingRequest; isNew: boolean }
  | { kind: "resolved"; requestId: string; deviceId: string; decision: "approved" | "rejected" | "expired" }
  /** Paired without anybody being asked. `pruned`: had to go for it, the oldest of its kind. */
  | { kind: "paired-silently"; deviceId: string; role: Role; scopes: readonly string[]; pruned?: string }
  | { kind: "widened"; deviceId: string; role: Role; scopes: readonly string[] }
  | { kind: "changed" }
  /** What was proven with these tokens is over. Without a role: the whole device. */
  | { kind: "revoked"; deviceId: string; role?: Role }
  | { kind: "setup-completed"; setupId: string; deviceId: string; deviceName?: string; access: SetupAccess };

/** What every part of the device room works with. */
export interface DeviceRoom {
  store: DeviceStore;
  clock: Clock;
  /** Called when it is on the disk. Must not throw. */
  announce(event: DeviceEvent): void;
  /** Whether a client of this device is here now. */
  isConnected(deviceId: string): boolean;
}
