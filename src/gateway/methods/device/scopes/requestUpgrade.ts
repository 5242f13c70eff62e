import * as v from "valibot";
import { ownDevice } from "../../../device-caller.ts";
import { scopeList } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";

/** Asks the owner for more rights. Needs a device and no scope: who has none has to be able to ask. */
export default defineMethod({
  name: "device.scopes.requestUpgrade",
  scope: "public",
  params: v.object({ scopes: scopeList }),
  async run({ scopes }, { principal, services }) {
    const deviceId = ownDevice(principal);
    const devices = await services.devices.open();
    return devices.upgrades.request(deviceId, [...principal.scopes], scopes, principal.ip);
  },
});
