import * as v from "valibot";
import { requestEntry } from "../../../../access/devices/request-entry.ts";
import { deviceCaller } from "../../../device-caller.ts";
import { defineMethod } from "../../../method.ts";

/** Who is paired and who waits. A device without operator.admin sees itself only. */
export default defineMethod({
  name: "device.pair.list",
  scope: "operator.pairing",
  params: v.object({}),
  async run(_params, { principal, services }) {
    const devices = await services.devices.open();
    const { pending, paired } = devices.list(deviceCaller(principal));
    return { pending: pending.map(requestEntry), paired: paired.map((device) => devices.entry(device)) };
  },
});
