import * as v from "valibot";
import { deviceCaller } from "../../../device-caller.ts";
import { identifier, scopeList } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";

/** A new token in the place of all former ones. Only the device itself ever reads it. */
export default defineMethod({
  name: "device.token.rotate",
  scope: "operator.pairing",
  params: v.object({ deviceId: identifier, role: identifier, scopes: v.optional(scopeList) }),
  async run(which, { principal, services }) {
    const devices = await services.devices.open();
    const { token, scopes, rotatedAtMs } = devices.rotate(deviceCaller(principal), which);
    const { deviceId, role } = which;
    const rotated = { deviceId, role, scopes, rotatedAtMs };
    return principal.deviceId === deviceId
      ? { ...rotated, token, tokenDelivery: "in-band" }
      : { ...rotated, tokenDelivery: "withheld-cross-device" };
  },
});
