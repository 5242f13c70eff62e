import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { type DeviceList, findDevice, openDeviceDesk } from "../../device-desk.ts";

export default defineCommand({
  summary: "End one role of a device until it is approved again",
  options: {
    device: {
      type: "string",
      placeholder: "id",
      required: true,
      summary: "device id, or the beginning of one",
    },
    role: { type: "choice", values: ["operator", "node"], required: true, summary: "which of its roles" },
    ...clientOptions,
  },
  async run({ device, role }, context): Promise<{ deviceId: string; role: string; revokedAtMs: number }> {
    using desk = await openDeviceDesk(context);
    const { paired } = await desk.call<DeviceList>("device.pair.list", {});
    const { deviceId } = findDevice(paired, device);
    return await desk.call("device.token.revoke", { deviceId, role });
  },
  render(revoked, { io }) {
    io.out(JSON.stringify(revoked, null, 2));
  },
});
