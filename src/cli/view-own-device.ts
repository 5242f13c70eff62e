import { existsSync } from "node:fs";
import type { OwnDeviceView } from "../doctor/own-device-view.ts";
import { Fault } from "../platform/fault.ts";
import { findRunningGateway } from "../platform/running-gateway.ts";
import type { CommandContext } from "./context.ts";
import type { Io } from "./io.ts";
import { openContext } from "./open-context.ts";

/** For the doctor. Never throws: a config that cannot be read says of no gateway. */
export async function viewOwnDevice({
  env,
  paths,
  io,
  name,
}: CommandContext): Promise<OwnDeviceView | undefined> {
  if (!existsSync(paths.ownDeviceFile)) return undefined;
  const { findOwnDevice, originOf } = await import("./own-device.ts");
  const device = findOwnDevice(paths);
  const quiet: Io = { ...io, out() {}, note() {} };
  const open = () => openContext({ env, paths, io: quiet, verbose: false, name, args: {} });
  using context = open();
  const target = await context.target().catch(() => undefined);
  if (!device || !target || target.explicit) return undefined;
  const origin = originOf(target.url);
  const stored = device.tokenFor(origin);
  if (!stored) return undefined;

  async function renew(): Promise<void> {
    if (findRunningGateway(paths).kind === "none") {
      const { openStoredDevices } = await import("./stored-devices.ts");
      using devices = openStoredDevices(paths);
      const { token, scopes, issuedAtMs } = devices.issue(device!.id, "operator");
      return device!.keepToken(origin, { token, scopes, updatedAtMs: issuedAtMs });
    }
    using own = open();
    // The gateway gives a device that shows no token of its own a new one, and `reach` keeps it.
    const reached = await own.reach({ scopes: [], byOwner: true, withDevice: true });
    if (reached.kind === "trouble")
      throw new Fault(`no new token: ${reached.trouble.reason}`, { fix: "openclaw devices list" });
  }

  return {
    deviceId: device.id,
    origin,
    token: stored.token,
    file: paths.ownDeviceFile,
    local: target.local,
    renew,
    forget: () => device.forgetToken(origin),
  };
}
