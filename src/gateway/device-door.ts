import type { DeviceEvent } from "../access/devices/announce.ts";
import type { Devices } from "../access/devices/devices.ts";
import type { Clock } from "../platform/clock.ts";
import { Fault } from "../platform/fault.ts";
import type { LogSink } from "../platform/log.ts";
import type { Paths } from "../platform/paths.ts";
import { GatewayError } from "../protocol/errors.ts";
import type { Broadcast } from "./broadcast.ts";
import { tellDeviceEvent } from "./device-events.ts";

/** The way to the paired devices. Code and database are opened with the first device. */
export interface DeviceDoor extends Disposable {
  /** Rejects with `GatewayError` (UNAVAILABLE) where the disk does not let them be opened. */
  open(): Promise<Devices>;
}

export interface DeviceDoorInput {
  paths: Paths;
  clock: Clock;
  sink: LogSink;
  broadcast: Broadcast;
}

export function openDeviceDoor({ paths, clock, sink, broadcast }: DeviceDoorInput): DeviceDoor {
  let opened: Promise<Devices> | undefined;
  let devices: Devices | undefined;

  async function load(): Promise<Devices> {
    const { openDevices } = await import("../access/devices/devices.ts");
    devices = openDevices({
      path: paths.devicesDb,
      clock,
      announce: (event: DeviceEvent) => tellDeviceEvent(event, { broadcast, sink, clock }),
      isConnected(deviceId) {
        for (const { principal } of broadcast.connections()) if (principal.deviceId === deviceId) return true;
        return false;
      },
      onSetAside: (path, cause) =>
        sink.log.error(`the database of paired devices was damaged and set aside: ${path}`, { error: cause }),
    });
    return devices;
  }

  return {
    async open() {
      opened ??= load();
      try {
        return await opened;
      } catch (error) {
        // The disk may be well again at the next try.
        opened = undefined;
        throw unavailable(error);
      }
    },
    [Symbol.dispose]: () => devices?.[Symbol.dispose](),
  };
}

/** What the disk refuses while a device is decided about is said to the device as well. */
export function unavailable(error: unknown): unknown {
  if (!(error instanceof Fault)) return error;
  return new GatewayError("UNAVAILABLE", `device pairing is unavailable: ${error.message}`, {
    ...(error.fix && { hint: error.fix }),
    retryable: true,
    retryAfterMs: 2_000,
    cause: error,
  });
}
