import { Fault } from "../../../platform/fault.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { type DeviceEntry, type DeviceList, openDeviceDesk } from "../../device-desk.ts";
import { findPending, pendingLines } from "../../pending-request.ts";

export default defineCommand({
  summary: "Let a waiting device in",
  description: [
    "Takes the id of a request, or of a device that waits with exactly one.",
    "Without an id, or with --latest, it only shows what would be approved, and exits with 1.",
  ],
  positionals: { id: { summary: "request id or device id", optional: true } },
  options: {
    latest: { type: "boolean", summary: "show the newest request; nothing is approved" },
    ...clientOptions,
  },
  examples: ["openclaw devices approve 3f1c…", "openclaw devices list"],
  async run({ id, latest }, context): Promise<{ requestId: string; device: DeviceEntry }> {
    using desk = await openDeviceDesk(context);
    const { pending } = await desk.call<DeviceList>("device.pair.list", {});
    if (id === undefined || latest) throw preview(pending);
    const { requestId } = findPending(pending, id, Date.now());
    return await desk.call("device.pair.approve", { requestId });
  },
  render({ device }, { io }) {
    const { deviceId, displayName, clientId, roles, scopes } = device;
    io.out(`Approved ${deviceId} (${displayName ?? clientId}): ${[...roles, ...scopes].join(", ")}`);
  },
});

function preview(pending: DeviceList["pending"]): Fault {
  const newest = pending.at(-1);
  if (!newest)
    return new Fault("no device is waiting", {
      why: "a request ends five minutes after the device's last attempt; connect with it again",
      fix: "openclaw devices list",
    });
  return new Fault("nothing was approved: name the request", {
    lines: pendingLines(pending, Date.now()),
    fix: `openclaw devices approve ${newest.requestId}`,
  });
}
