import type { Role } from "../../protocol/scopes.ts";

/** Why a device has to wait for its owner (protocol.md §3). */
export type PairingReason = "not-paired" | "role-upgrade" | "scope-upgrade" | "metadata-upgrade";

/** How a device came to be approved. `silent`: from this very machine with the right secret. */
export type ApprovedVia = "silent" | "owner" | "bootstrap";

/** What a device says of itself; the key is proven, the rest is pinned once the owner has approved it. */
export interface DeviceFacts {
  deviceId: string;
  publicKey: string;
  displayName?: string;
  platform: string;
  deviceFamily: string;
  clientId: string;
  clientMode: string;
  remoteIp: string;
}

/** What a device may be, as long as it is not revoked. */
export interface Grant {
  role: Role;
  scopes: string[];
  approvedAtMs: number;
  rotatedAtMs?: number;
  revokedAtMs?: number;
}

export interface PairedDevice extends DeviceFacts {
  label?: string;
  grants: Grant[];
  approvedVia: ApprovedVia;
  createdAtMs: number;
  approvedAtMs: number;
  lastSeenAtMs: number;
  lastSeenReason: string;
}

/** A device that waits for its owner. */
export interface PairingRequest extends DeviceFacts {
  requestId: string;
  reason: PairingReason;
  /** Asked for last; `roles` has all that were asked for since the request began. */
  role: Role;
  roles: Role[];
  scopes: string[];
  browserOrigin?: string;
  /** The device is known already. */
  isRepair: boolean;
  /** Of the last attempt. */
  askedAtMs: number;
}

/** One live token; several devices or browser tabs of one key may each hold another. */
export interface TokenRecord {
  hash: string;
  deviceId: string;
  role: Role;
  scopes: string[];
  createdAtMs: number;
  lastUsedAtMs?: number;
}

/** What a setup code leads to: a phone with all rights, one without operator.admin, or a node. */
export type SetupAccess = "full" | "limited" | "node";

export interface Setup {
  setupId: string;
  access: SetupAccess;
  expiresAtMs: number;
  usedAtMs?: number;
  deviceId?: string;
  deviceName?: string;
}

export function grantOf(device: PairedDevice | undefined, role: Role): Grant | undefined {
  return device?.grants.find((grant) => grant.role === role);
}

/** Roles and scopes that are in force. */
export function liveGrants({ grants }: PairedDevice): Grant[] {
  return grants.filter(({ revokedAtMs }) => revokedAtMs === undefined);
}
