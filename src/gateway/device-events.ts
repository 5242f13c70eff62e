import type { DeviceEvent } from "../access/devices/announce.ts";
import { requestEntry } from "../access/devices/request-entry.ts";
import type { Clock } from "../platform/clock.ts";
import type { LogSink } from "../platform/log.ts";
import { CLOSE } from "../protocol/limits.ts";
import type { Broadcast } from "./broadcast.ts";

interface Listeners {
  broadcast: Broadcast;
  sink: LogSink;
  clock: Clock;
}

/** Tells clients and log what has happened to a device (protocol.md §5.5), and ends what was proven by it. */
export function tellDeviceEvent(event: DeviceEvent, { broadcast, sink, clock }: Listeners): void {
  const { log } = sink;
  switch (event.kind) {
    case "requested": {
      const { request, isNew } = event;
      const { deviceId, requestId, reason, clientId, remoteIp } = request;
      if (isNew) {
        log.warn(
          `pairing request from device ${deviceId}: new device detected — waiting for approval: openclaw devices approve ${requestId}`,
          { requestId, reason, client: clientId, ip: remoteIp },
        );
      }
      broadcast.devicePair("device.pair.requested", deviceId, requestEntry(request));
      break;
    }
    case "resolved": {
      const { requestId, deviceId } = event;
      const decision = event.decision === "approved" ? "approved" : "rejected";
      log.info(`pairing request ${event.decision}`, { requestId, deviceId });
      broadcast.devicePair("device.pair.resolved", deviceId, {
        requestId,
        deviceId,
        decision,
        ts: clock.now(),
      });
      break;
    }
    case "paired-silently": {
      const { deviceId, role, scopes, pruned } = event;
      log.info("device paired on this machine", { deviceId, role, scopes: scopes.join(",") });
      if (pruned !== undefined)
        log.warn("too many devices were paired on this machine; the oldest unused one was removed", {
          deviceId: pruned,
        });
      broadcast.devicePair("device.pair.changed", deviceId, {});
      break;
    }
    case "widened": {
      const { deviceId, role, scopes } = event;
      log.info("device got more rights on this machine", { deviceId, role, scopes: scopes.join(",") });
      broadcast.devicePair("device.pair.changed", deviceId, {});
      break;
    }
    case "changed":
      broadcast.devicePair("device.pair.changed", undefined, {});
      break;
    case "revoked": {
      const { deviceId, role } = event;
      log.info("device token ended", { deviceId, ...(role && { role }) });
      broadcast.revoke(
        ({ principal }) => principal.deviceId === deviceId && (role === undefined || principal.role === role),
        CLOSE.authChanged,
        "device removed",
      );
      break;
    }
    case "setup-completed": {
      const { kind: _, ...payload } = event;
      log.info("setup code used", payload);
      broadcast.devicePair("device.pair.setup.completed", event.deviceId, {
        ...payload,
        ts: clock.now(),
      });
      break;
    }
  }
}
