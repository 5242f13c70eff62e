import { GatewayError } from "../../protocol/errors.ts";
import type { DeviceEvent, DeviceRoom } from "./announce.ts";
import { grantOf } from "./records.ts";
import { askOwner, REQUEST_LIFETIME_MS } from "./requests.ts";
import { issueToken } from "./tokens.ts";

export type UpgradeResult =
  | { status: "approved"; requestId: string; deviceToken: string; scopes: string[] }
  | { status: "rejected" | "expired"; requestId: string };

type Decision = "approved" | "rejected" | "expired";

/** A connected device asks its owner for more rights and waits for the answer (protocol.md §5.5). */
export interface Upgrades {
  request(
    deviceId: string,
    current: readonly string[],
    wanted: readonly string[],
    ip: string,
  ): { requestId: string };
  /** Resolves with the owner's decision; rejects when `signal` aborts. Only for the device that asked. */
  wait(deviceId: string, requestId: string, signal: AbortSignal): Promise<UpgradeResult>;
  /** To be told of everything that happens. */
  heard(event: DeviceEvent): void;
}

/** Decisions are remembered for a client that asks a moment late. */
const MAX_REMEMBERED = 128;
const MAX_WAITING = 128;

export function openUpgrades(room: DeviceRoom): Upgrades {
  const decided = new Map<string, { deviceId: string; decision: Decision }>();
  const waiting = new Map<string, Set<(decision: Decision) => void>>();

  function outcome(deviceId: string, requestId: string, decision: Decision): UpgradeResult {
    if (decision !== "approved") return { status: decision, requestId };
    const { store } = room;
    const grant = grantOf(store.find(deviceId), "operator");
    if (!grant || grant.revokedAtMs !== undefined) return { status: "rejected", requestId };
    const { token, scopes } = store.database.transaction(
      () => issueToken(room, { deviceId, role: "operator", scopes: grant.scopes }),
      { durable: true },
    );
    return { status: "approved", requestId, deviceToken: token, scopes };
  }

  return {
    request(deviceId, current, wanted, remoteIp) {
      if (!current.every((scope) => wanted.includes(scope))) {
        throw new GatewayError(
          "INVALID_REQUEST",
          "requested scopes must include the connection's current scopes",
        );
      }
      const device = room.store.find(deviceId);
      if (!device) throw new GatewayError("INVALID_REQUEST", "unknown deviceId");
      const { requestId } = askOwner(room, {
        device: { ...device, remoteIp },
        role: "operator",
        scopes: wanted,
        reason: "scope-upgrade",
        isRepair: true,
      });
      return { requestId };
    },
    async wait(deviceId, requestId, signal) {
      const known = decided.get(requestId);
      if (known) {
        if (known.deviceId !== deviceId) throw new GatewayError("INVALID_REQUEST", "unknown requestId");
        decided.delete(requestId);
        return outcome(deviceId, requestId, known.decision);
      }
      if (room.store.request(requestId)?.deviceId !== deviceId)
        throw new GatewayError("INVALID_REQUEST", "unknown requestId");
      if (waiting.size >= MAX_WAITING)
        throw new GatewayError("UNAVAILABLE", "too many devices wait for an answer", { retryable: true });
      const decision = await new Promise<Decision>((resolve, reject) => {
        const listeners = waiting.get(requestId) ?? new Set();
        waiting.set(requestId, listeners.add(settle));
        const timer = room.clock.after(REQUEST_LIFETIME_MS, () => settle("expired"));
        signal.addEventListener("abort", onAbort, { once: true });
        function done(): void {
          timer[Symbol.dispose]();
          signal.removeEventListener("abort", onAbort);
          listeners.delete(settle);
          if (listeners.size === 0) waiting.delete(requestId);
        }
        function settle(to: Decision): void {
          done();
          resolve(to);
        }
        function onAbort(): void {
          done();
          reject(signal.reason);
        }
      });
      return outcome(deviceId, requestId, decision);
    },
    heard(event) {
      if (event.kind !== "resolved") return;
      const { requestId, deviceId, decision } = event;
      const listeners = waiting.get(requestId);
      if (listeners) for (const settle of [...listeners]) settle(decision);
      else decided.set(requestId, { deviceId, decision });
      if (decided.size > MAX_REMEMBERED) decided.delete(decided.keys().next().value!);
    },
  };
}
