import type { DeviceEntry } from "../access/devices/administration.ts";
import type { ResultOf } from "../gateway/method.ts";
import type devicePairList from "../gateway/methods/device/pair/list.ts";
import { Fault } from "../platform/fault.ts";
import type { CommandContext } from "./context.ts";
import { isGatewayDown } from "./gateway-down.ts";

export type DeviceList = ResultOf<typeof devicePairList>;
export type PendingEntry = DeviceList["pending"][number];
export type { DeviceEntry };

/** Where devices are managed: the running gateway, or the stored devices of this state folder while none runs. */
export interface DeviceDesk extends Disposable {
  where: "gateway" | "store";
  call<T>(method: DeviceMethod, params: Record<string, unknown>): Promise<T>;
}

export type DeviceMethod =
  | "device.pair.list"
  | "device.pair.approve"
  | "device.pair.reject"
  | "device.pair.remove"
  | "device.pair.rename"
  | "device.token.rotate"
  | "device.token.revoke";

/**
 * The owner at this machine needs no paired connection to approve one: the way is the socket of the state folder, or the
 * store itself. Another gateway is asked over the wire like by any client.
 */
export async function openDeviceDesk(context: CommandContext): Promise<DeviceDesk> {
  const { paths } = context;
  if (await isGatewayDown(context)) {
    const { openStoredDesk } = await import("./stored-devices.ts");
    return openStoredDesk(paths);
  }
  const connection = await context.connect({ scopes: ["operator.admin", "operator.pairing"], byOwner: true });
  return {
    where: "gateway",
    call: (method, params) => connection.call(method, params, { timeoutMs: CALL_MS }),
    [Symbol.dispose]() {},
  };
}

const CALL_MS = 10_000;

/** The device that an id, the beginning of one, or a name means. */
export function findDevice(paired: readonly DeviceEntry[], text: string): DeviceEntry {
  const exact = paired.find(({ deviceId }) => deviceId === text);
  if (exact) return exact;
  const close = paired.filter(
    ({ deviceId, label, displayName }) =>
      (text.length >= MIN_PREFIX && deviceId.startsWith(text.toLowerCase())) ||
      label === text ||
      displayName === text,
  );
  if (close.length === 1) return close[0]!;
  throw close.length === 0
    ? new Fault("unknown deviceId", {
        why: `no paired device is "${text.slice(0, 80)}"`,
        fix: "openclaw devices list",
      })
    : new Fault(`"${text.slice(0, 80)}" means ${close.length} devices`, {
        lines: close.map(({ deviceId, label, displayName }) => `  ${deviceId} ${label ?? displayName ?? ""}`),
        fix: "openclaw devices list",
      });
}

/** Beginnings of ids shorter than this are too easily somebody else's. */
export const MIN_PREFIX = 8;
