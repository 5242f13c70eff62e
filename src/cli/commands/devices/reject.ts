import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { type DeviceList, openDeviceDesk } from "../../device-desk.ts";
import { findPending } from "../../pending-request.ts";

export default defineCommand({
  summary: "Turn a waiting device away",
  positionals: { id: { summary: "request id or device id" } },
  options: clientOptions,
  async run({ id }, context): Promise<{ requestId: string; deviceId: string }> {
    using desk = await openDeviceDesk(context);
    const { pending } = await desk.call<DeviceList>("device.pair.list", {});
    const { requestId } = findPending(pending, id, Date.now());
    return await desk.call("device.pair.reject", { requestId });
  },
  render({ deviceId }, { io }) {
    io.out(`Rejected ${deviceId}`);
  },
});
