import * as v from "valibot";
import { deviceCaller } from "../../../device-caller.ts";
import { identifier } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";

export default defineMethod({
  name: "device.pair.rename",
  scope: "operator.pairing",
  params: v.object({
    deviceId: identifier,
    label: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(64)),
  }),
  async run({ deviceId, label }, { principal, services }) {
    const devices = await services.devices.open();
    devices.rename(deviceCaller(principal), deviceId, label);
    return { deviceId, label };
  },
});
