import type { HealthSnapshot, PresenceEntry } from "../protocol/entities.ts";
import type { StateVersion } from "../protocol/frames.ts";
import { hasScope } from "../protocol/scopes.ts";
import type { Publish, TurnAudience } from "../turn/stream.ts";
import { type Connection, EventPayload } from "./connection.ts";
import { reducedHealth } from "./health.ts";

/** Who is connected, and who sees which event (protocol.md §8.1). */
export interface Broadcast {
  add(connection: Connection): void;
  remove(connection: Connection): void;
  connections(): ReadonlySet<Connection>;
  tick(ts: number): void;
  health(snapshot: HealthSnapshot, version: StateVersion): void;
  presence(entries: readonly PresenceEntry[], version: StateVersion): void;
  shutdown(payload: { reason: string; restartExpectedMs?: number }): void;
  /** To those who may manage this device (protocol.md §8.1); without a device to all who manage any. */
  devicePair(event: string, deviceId: string | undefined, payload: Record<string, unknown>): void;
  /** The gateway's own checks have another result. */
  doctorChanged(payload: { ts: number; findings: readonly unknown[] }): void;
  configChanged(payload: { path: string; hash: string; ts: number }): void;
  /** Closes the connections that `which` picks. */
  close(which: (connection: Connection) => boolean, code: number, reason: string): void;
  /** Like `close`, for clients whose right has ended: what they still wait for is refused (AUTH-29). */
  revoke(which: (connection: Connection) => boolean, code: number, reason: string): void;
  /** Only to those who called `sessions.subscribe`. */
  sessionsChanged(payload: () => Record<string, unknown>): void;
  turn: Publish;
}

export function openBroadcast(): Broadcast {
  const connections = new Set<Connection>();

  /** The payload is built and written once, and only if somebody gets it. */
  function send(
    event: string,
    to: (connection: Connection) => boolean,
    payload: () => unknown,
    version?: StateVersion,
  ): void {
    let written: EventPayload | undefined;
    for (const connection of connections) {
      if (connection.isClosing() || !to(connection)) continue;
      written ??= new EventPayload(payload());
      connection.sendEvent(event, written, version);
    }
  }

  return {
    add: (connection) => void connections.add(connection),
    remove: (connection) => void connections.delete(connection),
    connections: () => connections,
    tick: (ts) => send("tick", everyone, () => ({ ts })),
    health(snapshot, version) {
      send("health", mayRead, () => snapshot, version);
      send(
        "health",
        (connection) => !mayRead(connection),
        () => reducedHealth(snapshot),
        version,
      );
    },
    presence: (entries, version) => send("presence", mayRead, () => ({ presence: entries }), version),
    shutdown: (payload) => send("shutdown", everyone, () => payload),
    devicePair: (event, deviceId, payload) =>
      send(
        event,
        (connection) => managesDevice(connection, deviceId),
        () => payload,
      ),
    doctorChanged: (payload) => send("doctor.changed", mayRead, () => payload),
    configChanged: (payload) => send("config.changed", mayRead, () => payload),
    close(which, code, reason) {
      for (const connection of connections) if (which(connection)) connection.close(code, reason);
    },
    revoke(which, code, reason) {
      for (const connection of connections) if (which(connection)) connection.revoke(code, reason);
    },
    sessionsChanged: (payload) =>
      send("sessions.changed", (connection) => connection.watchesSessions && mayRead(connection), payload),
    turn: (event, audience, payload) =>
      send(event, (connection) => seesTurn(connection, event, audience), payload),
  };
}

function everyone(): boolean {
  return true;
}

function mayRead(connection: Connection): boolean {
  return hasScope(connection.principal.scopes, "operator.read");
}

/** The same rows as `device.pair.list` shows (AUTH-32). */
function managesDevice({ principal }: Connection, deviceId: string | undefined): boolean {
  if (!hasScope(principal.scopes, "operator.pairing")) return false;
  const ownOnly = principal.deviceId !== undefined && !hasScope(principal.scopes, "operator.admin");
  return !ownOnly || deviceId === undefined || deviceId === principal.deviceId;
}

function seesTurn(connection: Connection, event: string, audience: TurnAudience): boolean {
  if (!mayRead(connection)) return false;
  const { sessionKey } = audience;
  if (event === "session.message") return connection.watchedKeys.has(sessionKey);
  if (audience.toolDetail)
    return connection.id === audience.originConnId && connection.caps.has("tool-events");
  if (!connection.caps.has("session-scoped-events")) return true;
  return connection.ownKeys.has(sessionKey) || connection.watchedKeys.has(sessionKey);
}
