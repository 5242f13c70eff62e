import { printable } from "../../../platform/printable.ts";
import { clientOptions } from "../../client-options.ts";
import { columns } from "../../columns.ts";
import { defineCommand } from "../../command.ts";
import { type DeviceList, openDeviceDesk } from "../../device-desk.ts";
import { formatAge } from "../../duration.ts";
import { pendingLines } from "../../pending-request.ts";

export default defineCommand({
  summary: "Show paired devices and those that wait",
  description: ["Works without a running gateway as well: then it reads what the last one has stored."],
  options: clientOptions,
  async run(_args, context): Promise<DeviceList> {
    using desk = await openDeviceDesk(context);
    return await desk.call<DeviceList>("device.pair.list", {});
  },
  render({ pending, paired }, { io }) {
    const nowMs = Date.now();
    if (pending.length > 0) {
      io.out(`Pending (${pending.length})`);
      for (const line of pendingLines(pending, nowMs)) io.out(printable(line));
      io.out("  approve: openclaw devices approve <requestId>");
      io.out("");
    }
    io.out(`Paired (${paired.length})`);
    const rows = paired.map((device): [string, string] => {
      const { deviceId, label, displayName, clientId, roles, scopes, connected, lastSeenAtMs } = device;
      const status = connected ? "connected" : `disconnected, last seen ${formatAge(nowMs - lastSeenAtMs)}`;
      const rights = roles.length === 0 ? "revoked" : [...roles, ...scopes].join(" ");
      return [deviceId, printable(`${label ?? displayName ?? clientId}; ${status}; ${rights}`)];
    });
    if (rows.length > 0) for (const line of columns(rows)) io.out(line);
  },
});
