import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { type DeviceList, findDevice, openDeviceDesk } from "../../device-desk.ts";

export default defineCommand({
  summary: "End the tokens of a device in favour of a new one",
  description: [
    "The new token is not printed: the device gets one of its own when it next connects with the gateway's secret.",
    "With --scope it covers less than was approved; more it never does.",
  ],
  options: {
    device: {
      type: "string",
      placeholder: "id",
      required: true,
      summary: "device id, or the beginning of one",
    },
    role: { type: "choice", values: ["operator", "node"], required: true, summary: "which of its roles" },
    scope: { type: "string", placeholder: "scopes", summary: "only these scopes, separated by commas" },
    ...clientOptions,
  },
  examples: ["openclaw devices rotate --device 9f2a61c4 --role operator"],
  async run({ device, role, scope }, context): Promise<Record<string, unknown>> {
    using desk = await openDeviceDesk(context);
    const { paired } = await desk.call<DeviceList>("device.pair.list", {});
    const { deviceId } = findDevice(paired, device);
    const scopes = scope?.split(/[\s,]+/).filter((each) => each !== "");
    return await desk.call("device.token.rotate", { deviceId, role, ...(scopes && { scopes }) });
  },
  render(rotated, { io }) {
    io.out(JSON.stringify(rotated, null, 2));
  },
});
