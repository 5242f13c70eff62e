import * as v from "valibot";
import { ownDevice } from "../../../device-caller.ts";
import { identifier } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";

/** Answers with the owner's decision; an approval brings a token for the new rights. */
export default defineMethod({
  name: "device.scopes.waitUpgrade",
  scope: "public",
  params: v.object({ requestId: identifier }),
  async run({ requestId }, { principal, services, connection }) {
    const deviceId = ownDevice(principal);
    const devices = await services.devices.open();
    return await devices.upgrades.wait(deviceId, requestId, connection.ended);
  },
});
