import { existsSync } from "node:fs";
import { OWNER } from "../access/devices/caller.ts";
import { type Devices, openDevices } from "../access/devices/devices.ts";
import { requestEntry } from "../access/devices/request-entry.ts";
import { systemClock } from "../platform/clock.ts";
import type { Paths } from "../platform/paths.ts";
import { GatewayError } from "../protocol/errors.ts";
import type { DeviceDesk, DeviceMethod } from "./device-desk.ts";
import { holdState } from "./hold-state.ts";

/** Looking makes nothing: a machine that never paired anybody stays as it is. */
const NOTHING_STORED: DeviceDesk = {
  where: "store",
  async call<T>(method: DeviceMethod) {
    if (method === "device.pair.list") return { pending: [], paired: [] } as T;
    throw new GatewayError("INVALID_REQUEST", "unknown deviceId");
  },
  [Symbol.dispose]() {},
};

/** The stored devices under the state lock, so that no gateway starts meanwhile. Throws `Fault` where one has. */
export function openStoredDesk(paths: Paths): DeviceDesk {
  if (!existsSync(paths.devicesDb)) return NOTHING_STORED;
  const devices = openStoredDevices(paths);
  return {
    where: "store",
    call: async <T>(method: DeviceMethod, params: Record<string, unknown>) =>
      run(devices, method, params) as T,
    [Symbol.dispose]: () => devices[Symbol.dispose](),
  };
}

/** Throws `Fault` where a gateway has the state folder. */
export function openStoredDevices(paths: Paths): Devices {
  using stack = new DisposableStack();
  stack.use(holdState(paths, "devices list"));
  const devices = stack.use(
    openDevices({
      path: paths.devicesDb,
      clock: systemClock,
      announce() {},
      isConnected: () => false,
      onSetAside() {},
    }),
  );

  const owned = stack.move();
  return { ...devices, [Symbol.dispose]: () => owned.dispose() };
}

function run(devices: Devices, method: DeviceMethod, params: Record<string, unknown>): unknown {
  const { requestId, deviceId, label, role, scopes } = params as Record<string, string> & {
    scopes?: string[];
  };
  switch (method) {
    case "device.pair.list": {
      const { pending, paired } = devices.list(OWNER);
      return {
        pending: pending.map(requestEntry),
        paired: paired.map(devices.entry),
      };
    }
    case "device.pair.approve":
      return { requestId, device: devices.entry(devices.approve(OWNER, requestId!)) };
    case "device.pair.reject":
      return { requestId, ...devices.reject(OWNER, requestId!) };
    case "device.pair.remove":
      devices.remove(OWNER, deviceId!);
      return { deviceId };
    case "device.pair.rename":
      devices.rename(OWNER, deviceId!, label!);
      return { deviceId, label };
    case "device.token.rotate": {
      const which = { deviceId: deviceId!, role: role!, ...(scopes && { scopes }) };
      const { token: _, ...rotated } = devices.rotate(OWNER, which);
      return { deviceId, role, ...rotated, tokenDelivery: "withheld-cross-device" };
    }
    case "device.token.revoke":
      return { deviceId, role, ...devices.revoke(OWNER, { deviceId: deviceId!, role: role! }) };
  }
}
