import * as v from "valibot";
import { deviceCaller } from "../../../device-caller.ts";
import { identifier } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";

/** Lets a waiting device in; the caller has to hold every scope it gives away. */
export default defineMethod({
  name: "device.pair.approve",
  scope: "operator.pairing",
  params: v.object({ requestId: identifier }),
  async run({ requestId }, { principal, services }) {
    const devices = await services.devices.open();
    const device = devices.approve(deviceCaller(principal), requestId);
    return { requestId, device: devices.entry(device) };
  },
});
