import * as v from "valibot";
import { deviceCaller } from "../../../device-caller.ts";
import { identifier } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";

/** Forgets a device and closes its sockets; it has to ask again. */
export default defineMethod({
  name: "device.pair.remove",
  scope: "operator.pairing",
  params: v.object({ deviceId: identifier }),
  async run({ deviceId }, { principal, services }) {
    const devices = await services.devices.open();
    devices.remove(deviceCaller(principal), deviceId);
    return { deviceId };
  },
});
