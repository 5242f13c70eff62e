import { randomUUID } from "node:crypto";
import { sha256Hex } from "../../platform/files.ts";
import type { Role } from "../../protocol/scopes.ts";
import type { DeviceRoom } from "./announce.ts";
import type { DeviceFacts, Setup, SetupAccess } from "./records.ts";
import { type IssuedToken, issueToken, newToken } from "./tokens.ts";

export const SETUP_LIFETIME_MS = 600_000;
/** How long the outcome of a code can be asked for. */
const KEEP_MS = 3_600_000;
const MAX_SETUPS = 64;

const LIMITED = [
  "operator.approvals",
  "operator.questions",
  "operator.read",
  "operator.talk.secrets",
  "operator.write",
];
const SCOPES: Readonly<Record<SetupAccess, readonly string[]>> = {
  full: ["operator.admin", ...LIMITED],
  limited: LIMITED,
  node: [],
};

/** These show a screen to their owner; anything else that redeems a code becomes a node and nothing more. */
const PHONES = new Set(["openclaw-ios", "openclaw-android"]);

/** A code for one device (protocol.md §5.7). The bearer is in the answer and nowhere else. */
export function createSetup(
  { store, clock }: DeviceRoom,
  access: SetupAccess,
): Setup & { bootstrapToken: string } {
  const bootstrapToken = newToken();
  const setup = { setupId: randomUUID(), access, expiresAtMs: clock.now() + SETUP_LIFETIME_MS };
  const { database } = store;
  database.transaction(() => {
    database.prepare("DELETE FROM setups WHERE expires_at < ?").run(clock.now() - KEEP_MS);
    database
      .prepare(
        "DELETE FROM setups WHERE setup_id IN (SELECT setup_id FROM setups ORDER BY expires_at DESC LIMIT -1 OFFSET ?)",
      )
      .run(MAX_SETUPS - 1);
    database
      .prepare("INSERT INTO setups (setup_id, hash, access, expires_at) VALUES (?, ?, ?, ?)")
      .run(setup.setupId, sha256Hex(bootstrapToken), access, setup.expiresAtMs);
  });
  return { ...setup, bootstrapToken };
}

export function findSetup({ store }: DeviceRoom, setupId: string): Setup | undefined {
  const row = store.database.prepare("SELECT * FROM setups WHERE setup_id = ?").get(setupId);
  if (!row) return undefined;
  return {
    setupId,
    access: row.access as SetupAccess,
    expiresAtMs: row.expires_at as number,
    ...(row.used_at !== null && { usedAtMs: row.used_at as number }),
    ...(row.device_id !== null && { deviceId: row.device_id as string }),
    ...(row.device_name !== null && { deviceName: row.device_name as string }),
  };
}

export interface Redeemed {
  setup: Setup;
  /** The first is that of the role it connects with. */
  tokens: IssuedToken[];
}

/** Burnt on first sight, whoever shows it first; what it leads to was fixed when it was made (AUTH-34). */
export function redeemSetup(
  room: DeviceRoom,
  bootstrapToken: string,
  device: DeviceFacts,
): Redeemed | undefined {
  const { store, clock, announce } = room;
  const now = clock.now();
  const redeemed = store.database.transaction(
    (): Redeemed | undefined => {
      const row = store.database
        .prepare(
          `UPDATE setups SET used_at = ?2, device_id = ?3, device_name = ?4
           WHERE hash = ?1 AND used_at IS NULL AND expires_at > ?2 RETURNING setup_id`,
        )
        .get(sha256Hex(bootstrapToken), now, device.deviceId, device.displayName ?? null);
      if (!row) return undefined;
      const setup = findSetup(room, row.setup_id as string)!;
      store.put({
        ...device,
        grants: [],
        approvedVia: "bootstrap",
        createdAtMs: now,
        approvedAtMs: now,
        lastSeenAtMs: now,
        lastSeenReason: "setup",
      });
      const isPhone = setup.access !== "node" && PHONES.has(device.clientId);
      const grants: [Role, readonly string[]][] = [
        ["node", []],
        ...(isPhone ? [["operator", SCOPES[setup.access]] as [Role, readonly string[]]] : []),
      ];
      const tokens = grants.map(([role, scopes]) => {
        store.putGrant(device.deviceId, { role, scopes: [...scopes], approvedAtMs: now });
        store.dropTokens(device.deviceId, role);
        return issueToken(room, { deviceId: device.deviceId, role, scopes });
      });
      const waiting = store.requestOf(device.deviceId);
      if (waiting) store.dropRequest(waiting.requestId);
      return { setup, tokens };
    },
    { durable: true },
  );
  if (!redeemed) return undefined;
  const { setupId, access } = redeemed.setup;
  const { deviceId, displayName } = device;
  announce({ kind: "resolved", requestId: setupId, deviceId, decision: "approved" });
  announce({
    kind: "setup-completed",
    setupId,
    deviceId,
    access,
    ...(displayName !== undefined && { deviceName: displayName }),
  });
  return redeemed;
}
