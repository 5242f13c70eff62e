import { hostname } from "node:os";
import type { Clock } from "../platform/clock.ts";
import type { PresenceEntry } from "../protocol/entities.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import type { Connection } from "./connection.ts";

/** Who is here: the gateway itself first, then long-lived clients (protocol.md §6.4). */
export interface Presence {
  entries(): PresenceEntry[];
  version(): number;
  joined(connection: Connection): boolean;
  left(connection: Connection): boolean;
}

const MAX_ENTRIES = 200;
/** They come for one call; listing them would make the list flicker. */
const EPHEMERAL_MODES = new Set(["cli", "probe", "backend", "test"]);

export function openPresence(clock: Clock): Presence {
  const host = hostname();
  const clients = new Map<string, PresenceEntry>();
  const self: PresenceEntry = {
    host,
    version: PRODUCT_VERSION,
    platform: process.platform,
    mode: "gateway",
    reason: "self",
    text: `Gateway: ${host} · app ${PRODUCT_VERSION} · mode gateway · reason self`,
    ts: clock.now(),
  };
  let version = 1;

  return {
    entries: () => [self, ...clients.values()],
    version: () => version,
    joined(connection) {
      const { principal, address } = connection;
      if (EPHEMERAL_MODES.has(principal.clientMode) || clients.size >= MAX_ENTRIES) return false;
      const now = clock.now();
      clients.set(connection.id, {
        host: connection.displayName,
        ip: address.ip,
        mode: principal.clientMode,
        reason: "connect",
        clientId: principal.clientId,
        ...(principal.deviceId !== undefined && { deviceId: principal.deviceId }),
        roles: [principal.role],
        scopes: [...principal.scopes],
        onlineSince: now,
        text: `${principal.clientId}: ${connection.displayName} · mode ${principal.clientMode} · reason connect`,
        ts: now,
      });
      version++;
      return true;
    },
    left(connection) {
      if (!clients.delete(connection.id)) return false;
      version++;
      return true;
    },
  };
}
