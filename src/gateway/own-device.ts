import type { Principal } from "../access/principal.ts";
import { GatewayError } from "../protocol/errors.ts";

/** The device of an operator who speaks for itself. */
export function ownDevice({ deviceId, role }: Principal): string {
  if (role !== "operator") throw new GatewayError("INVALID_REQUEST", `unauthorized role: ${role}`);
  if (deviceId !== undefined) return deviceId;
  throw new GatewayError("NOT_PAIRED", "device identity required", { detail: "DEVICE_IDENTITY_REQUIRED" });
}
