import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { type DeviceList, findDevice, openDeviceDesk } from "../../device-desk.ts";

export default defineCommand({
  summary: "Forget a device; it has to ask again",
  positionals: { id: { summary: "device id, the beginning of one, or a name" } },
  options: clientOptions,
  async run({ id }, context): Promise<{ deviceId: string }> {
    using desk = await openDeviceDesk(context);
    const { paired } = await desk.call<DeviceList>("device.pair.list", {});
    const { deviceId } = findDevice(paired, id);
    return await desk.call("device.pair.remove", { deviceId });
  },
  render({ deviceId }, { io }) {
    io.out(`Removed ${deviceId}`);
  },
});
