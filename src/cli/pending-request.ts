import { Fault } from "../platform/fault.ts";
import { MIN_PREFIX, type PendingEntry } from "./device-desk.ts";
import { formatAge } from "./duration.ts";

/**
 * The request that a request id means, or a device id with exactly one request (behaviour.md R17). Throws the Fault that
 * lists what there is.
 */
export function findPending(pending: readonly PendingEntry[], text: string, nowMs: number): PendingEntry {
  const wanted = text.trim().toLowerCase();
  const found =
    pending.find(({ requestId }) => requestId.toLowerCase() === wanted) ??
    onlyOne(pending.filter(({ deviceId }) => deviceId === wanted)) ??
    (wanted.length >= MIN_PREFIX
      ? onlyOne(
          pending.filter(
            ({ deviceId, requestId }) => deviceId.startsWith(wanted) || requestId.startsWith(wanted),
          ),
        )
      : undefined);
  if (found) return found;
  throw new Fault(`No pending device request matches ${text.slice(0, 80)}`, {
    lines: pendingLines(pending, nowMs),
    why:
      pending.length === 0
        ? "no device is waiting; a request ends five minutes after the device's last attempt"
        : "name a request, or a device with exactly one",
    fix: "openclaw devices list",
  });
}

/** One line each: what has to be known to decide. */
export function pendingLines(pending: readonly PendingEntry[], nowMs: number): string[] {
  return pending.map(
    ({ requestId, deviceId, displayName, clientId, roles, scopes, remoteIp, reason, ts }) =>
      `  ${requestId}  device ${deviceId.slice(0, 12)} (${displayName ?? clientId}, ${remoteIp}) wants ${[...roles, ...scopes].join(", ")}; ${reason}, ${formatAge(nowMs - ts)}`,
  );
}

function onlyOne<T>(found: readonly T[]): T | undefined {
  return found.length === 1 ? found[0] : undefined;
}
