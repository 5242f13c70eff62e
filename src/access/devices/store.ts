import { type Database, openDatabase } from "../../platform/sqlite.ts";
import type { Role } from "../../protocol/scopes.ts";
import type { Grant, PairedDevice, PairingRequest, TokenRecord } from "./records.ts";
import { DEVICE_MIGRATIONS } from "./schema.ts";

/** Rows in and out; what may be written is decided by its callers. */
export interface DeviceStore extends Disposable {
  readonly database: Database;
  find(deviceId: string): PairedDevice | undefined;
  list(): PairedDevice[];
  count(): number;
  /** Facts and approval; grants are kept. */
  put(device: PairedDevice): void;
  setLabel(deviceId: string, label: string): void;
  seen(deviceId: string, atMs: number, reason: string, remoteIp: string): void;
  remove(deviceId: string): boolean;
  putGrant(deviceId: string, grant: Grant): void;
  tokens(deviceId: string, role: Role): TokenRecord[];
  addToken(token: TokenRecord): void;
  tokenUsed(hash: string, atMs: number): void;
  setTokenScopes(hash: string, scopes: readonly string[]): void;
  dropToken(hash: string): void;
  dropTokens(deviceId: string, role: Role): void;
  request(requestId: string): PairingRequest | undefined;
  requestOf(deviceId: string): PairingRequest | undefined;
  /** Oldest attempt first. */
  requests(): PairingRequest[];
  putRequest(request: PairingRequest): void;
  dropRequest(requestId: string): void;
}

export function openDeviceStore(path: string, options: { readOnly?: boolean } = {}): DeviceStore {
  const database = openDatabase(path, { migrations: DEVICE_MIGRATIONS, ...options });
  const all = (sql: string, ...values: Value[]) => database.prepare(sql).all(...values) as Row[];
  const one = (sql: string, ...values: Value[]) => database.prepare(sql).get(...values) as Row | undefined;
  const run = (sql: string, ...values: Value[]) => database.prepare(sql).run(...values);

  function withGrants(row: Row): PairedDevice {
    const grants = all(
      "SELECT * FROM grants WHERE device_id = ? ORDER BY role DESC",
      row.device_id as string,
    );
    return toDevice(row, grants.map(toGrant));
  }

  return {
    database,
    find(deviceId) {
      const row = one("SELECT * FROM devices WHERE device_id = ?", deviceId);
      return row && withGrants(row);
    },
    list: () => all("SELECT * FROM devices ORDER BY approved_at, device_id").map(withGrants),
    count: () => Number(one("SELECT count(*) AS n FROM devices")!.n),
    put(device) {
      run(
        `INSERT INTO devices (device_id, public_key, label, display_name, platform, device_family, client_id,
           client_mode, remote_ip, approved_via, created_at, approved_at, last_seen_at, last_seen_reason)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (device_id) DO UPDATE SET display_name = excluded.display_name,
           platform = excluded.platform, device_family = excluded.device_family, client_id = excluded.client_id,
           client_mode = excluded.client_mode, remote_ip = excluded.remote_ip,
           approved_via = excluded.approved_via, approved_at = excluded.approved_at`,
        ...[device.deviceId, device.publicKey, device.label ?? null, device.displayName ?? null],
        ...[device.platform, device.deviceFamily, device.clientId, device.clientMode, device.remoteIp],
        ...[device.approvedVia, device.createdAtMs, device.approvedAtMs],
        ...[device.lastSeenAtMs, device.lastSeenReason],
      );
    },
    setLabel: (deviceId, label) =>
      void run("UPDATE devices SET label = ? WHERE device_id = ?", label, deviceId),
    seen: (deviceId, atMs, reason, remoteIp) =>
      void run(
        "UPDATE devices SET last_seen_at = ?, last_seen_reason = ?, remote_ip = ? WHERE device_id = ?",
        ...[atMs, reason, remoteIp, deviceId],
      ),
    remove: (deviceId) => Number(run("DELETE FROM devices WHERE device_id = ?", deviceId).changes) > 0,
    putGrant(deviceId, grant) {
      run(
        `INSERT INTO grants (device_id, role, scopes, approved_at, rotated_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (device_id, role) DO UPDATE SET scopes = excluded.scopes, approved_at = excluded.approved_at,
           rotated_at = excluded.rotated_at, revoked_at = excluded.revoked_at`,
        ...[deviceId, grant.role, JSON.stringify(grant.scopes), grant.approvedAtMs],
        ...[grant.rotatedAtMs ?? null, grant.revokedAtMs ?? null],
      );
    },
    tokens: (deviceId, role) =>
      all(
        "SELECT * FROM tokens WHERE device_id = ? AND role = ? ORDER BY created_at, hash",
        deviceId,
        role,
      ).map(toToken),
    addToken: ({ hash, deviceId, role, scopes, createdAtMs }) =>
      void run(
        "INSERT INTO tokens (hash, device_id, role, scopes, created_at) VALUES (?, ?, ?, ?, ?)",
        ...[hash, deviceId, role, JSON.stringify(scopes), createdAtMs],
      ),
    tokenUsed: (hash, atMs) => void run("UPDATE tokens SET last_used_at = ? WHERE hash = ?", atMs, hash),
    setTokenScopes: (hash, scopes) =>
      void run("UPDATE tokens SET scopes = ? WHERE hash = ?", JSON.stringify(scopes), hash),
    dropToken: (hash) => void run("DELETE FROM tokens WHERE hash = ?", hash),
    dropTokens: (deviceId, role) =>
      void run("DELETE FROM tokens WHERE device_id = ? AND role = ?", deviceId, role),
    request(requestId) {
      const row = one("SELECT * FROM requests WHERE request_id = ?", requestId);
      return row && toRequest(row);
    },
    requestOf(deviceId) {
      const row = one("SELECT * FROM requests WHERE device_id = ?", deviceId);
      return row && toRequest(row);
    },
    requests: () => all("SELECT * FROM requests ORDER BY asked_at, request_id").map(toRequest),
    putRequest(request) {
      run(
        `INSERT OR REPLACE INTO requests (request_id, device_id, public_key, display_name, platform, device_family,
           client_id, client_mode, remote_ip, browser_origin, reason, role, roles, scopes, is_repair, asked_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[request.requestId, request.deviceId, request.publicKey, request.displayName ?? null],
        ...[request.platform, request.deviceFamily, request.clientId, request.clientMode, request.remoteIp],
        ...[request.browserOrigin ?? null, request.reason, request.role, JSON.stringify(request.roles)],
        ...[JSON.stringify(request.scopes), request.isRepair ? 1 : 0, request.askedAtMs],
      );
    },
    dropRequest: (requestId) => void run("DELETE FROM requests WHERE request_id = ?", requestId),
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
}

type Value = string | number | null;
type Row = Record<string, unknown>;

function factsOf(row: Row) {
  return {
    deviceId: row.device_id as string,
    publicKey: row.public_key as string,
    ...(row.display_name !== null && { displayName: row.display_name as string }),
    platform: row.platform as string,
    deviceFamily: row.device_family as string,
    clientId: row.client_id as string,
    clientMode: row.client_mode as string,
    remoteIp: row.remote_ip as string,
  };
}

function toDevice(row: Row, grants: Grant[]): PairedDevice {
  return {
    ...factsOf(row),
    ...(row.label !== null && { label: row.label as string }),
    grants,
    approvedVia: row.approved_via as PairedDevice["approvedVia"],
    createdAtMs: row.created_at as number,
    approvedAtMs: row.approved_at as number,
    lastSeenAtMs: row.last_seen_at as number,
    lastSeenReason: row.last_seen_reason as string,
  };
}

function toGrant(row: Row): Grant {
  return {
    role: row.role as Role,
    scopes: JSON.parse(row.scopes as string) as string[],
    approvedAtMs: row.approved_at as number,
    ...(row.rotated_at !== null && { rotatedAtMs: row.rotated_at as number }),
    ...(row.revoked_at !== null && { revokedAtMs: row.revoked_at as number }),
  };
}

function toToken(row: Row): TokenRecord {
  return {
    hash: row.hash as string,
    deviceId: row.device_id as string,
    role: row.role as Role,
    scopes: JSON.parse(row.scopes as string) as string[],
    createdAtMs: row.created_at as number,
    ...(row.last_used_at !== null && { lastUsedAtMs: row.last_used_at as number }),
  };
}

function toRequest(row: Row): PairingRequest {
  return {
    ...factsOf(row),
    requestId: row.request_id as string,
    reason: row.reason as PairingRequest["reason"],
    role: row.role as Role,
    roles: JSON.parse(row.roles as string) as Role[],
    scopes: JSON.parse(row.scopes as string) as string[],
    ...(row.browser_origin !== null && { browserOrigin: row.browser_origin as string }),
    isRepair: row.is_repair === 1,
    askedAtMs: row.asked_at as number,
  };
}
