import * as v from "valibot";
import { identifier } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";

/** Empty while the code is outstanding, and after it has run out. */
export default defineMethod({
  name: "device.pair.setupStatus",
  scope: "operator.admin",
  hidden: true,
  params: v.object({ setupId: identifier }),
  async run({ setupId }, { services }) {
    const devices = await services.devices.open();
    const { usedAtMs, deviceId, deviceName, access } = devices.findSetup(setupId) ?? {};
    if (usedAtMs === undefined || deviceId === undefined || access === undefined) return {};
    return {
      completion: {
        setupId,
        deviceId,
        ...(deviceName !== undefined && { deviceName }),
        access,
        ts: usedAtMs,
      },
    };
  },
});
