import * as v from "valibot";
import { deviceCaller } from "../../../device-caller.ts";
import { identifier } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";

export default defineMethod({
  name: "device.pair.reject",
  scope: "operator.pairing",
  params: v.object({ requestId: identifier }),
  async run({ requestId }, { principal, services }) {
    const devices = await services.devices.open();
    const { deviceId } = devices.reject(deviceCaller(principal), requestId);
    return { requestId, deviceId };
  },
});
