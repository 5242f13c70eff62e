import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { type DeviceList, findDevice, openDeviceDesk } from "../../device-desk.ts";

export default defineCommand({
  summary: "Give a device a name",
  positionals: {
    id: { summary: "device id, the beginning of one, or its name until now" },
    name: { summary: "1 to 64 characters" },
  },
  options: clientOptions,
  async run({ id, name }, context): Promise<{ deviceId: string; label: string }> {
    using desk = await openDeviceDesk(context);
    const { paired } = await desk.call<DeviceList>("device.pair.list", {});
    const { deviceId } = findDevice(paired, id);
    return await desk.call("device.pair.rename", { deviceId, label: name });
  },
  render({ deviceId, label }, { io }) {
    io.out(`${deviceId} is now ${label}`);
  },
});
