import type { DeviceCaller } from "../access/devices/caller.ts";
import type { Principal } from "../access/principal.ts";

/** Who manages devices here: the owner at this machine acts for no device, also when the command has shown one. */
export function deviceCaller({ method, scopes, deviceId }: Principal): DeviceCaller {
  return { scopes, deviceId: method === "local-owner" ? undefined : deviceId };
}
