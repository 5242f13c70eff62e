import { Fault } from "../../../platform/fault.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { type DeviceList, openDeviceDesk } from "../../device-desk.ts";

export default defineCommand({
  summary: "Forget all devices, or turn away all that wait",
  options: {
    yes: { type: "boolean", summary: "really do it" },
    pending: { type: "boolean", summary: "only those that wait" },
    ...clientOptions,
  },
  async run({ yes, pending: onlyPending }, context): Promise<{ removed: number; rejected: number }> {
    using desk = await openDeviceDesk(context);
    const { pending, paired } = await desk.call<DeviceList>("device.pair.list", {});
    const gone = onlyPending ? [] : paired;
    if (!yes) {
      throw new Fault(`this would remove ${gone.length} devices and reject ${pending.length} requests`, {
        why: "every removed device has to be paired again",
        fix: `openclaw devices clear ${onlyPending ? "--pending " : ""}--yes`,
      });
    }
    for (const { requestId } of pending) await desk.call("device.pair.reject", { requestId });
    for (const { deviceId } of gone) await desk.call("device.pair.remove", { deviceId });
    return { removed: gone.length, rejected: pending.length };
  },
  render({ removed, rejected }, { io }) {
    io.out(`Removed ${removed} devices, rejected ${rejected} requests`);
  },
});
