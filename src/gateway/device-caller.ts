import type { DeviceCaller } from "../access/devices/caller.ts";
import type { Principal } from "../access/principal.ts";
import { GatewayError } from "../protocol/errors.ts";

/** Who manages devices here: the owner at this machine acts for no device, also when the command has shown one. */
export function deviceCaller({ method, scopes, deviceId }: Principal): DeviceCaller {
  return { scopes, deviceId: method === "local-owner" ? undefined : deviceId };
}

/** The device of an operator who speaks for itself. */
export function ownDevice({ deviceId, role }: Principal): string {
  if (role !== "operator") throw new GatewayError("INVALID_REQUEST", `unauthorized role: ${role}`);
  if (deviceId !== undefined) return deviceId;
  throw new GatewayError("NOT_PAIRED", "device identity required", { detail: "DEVICE_IDENTITY_REQUIRED" });
}
