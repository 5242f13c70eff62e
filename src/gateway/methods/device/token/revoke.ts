import * as v from "valibot";
import { deviceCaller } from "../../../device-caller.ts";
import { identifier } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";

/** Ends one role of a device until its owner approves it again. */
export default defineMethod({
  name: "device.token.revoke",
  scope: "operator.pairing",
  params: v.object({ deviceId: identifier, role: identifier }),
  async run({ deviceId, role }, { principal, services }) {
    const devices = await services.devices.open();
    const { revokedAtMs } = devices.revoke(deviceCaller(principal), { deviceId, role });
    return { deviceId, role, revokedAtMs };
  },
});
