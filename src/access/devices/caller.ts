import { GatewayError } from "../../protocol/errors.ts";
import { hasScope } from "../../protocol/scopes.ts";

/** Who manages devices. Made by the authenticator, or by the owner's own command line. */
export interface DeviceCaller {
  scopes: ReadonlySet<string>;
  /** The device the caller is; undefined for the owner at this machine and for plain holders of the secret. */
  deviceId: string | undefined;
}

/** The person at this machine: whoever may write the state folder may do everything. */
export const OWNER: DeviceCaller = { scopes: new Set(["operator.admin"]), deviceId: undefined };

/**
 * A device manages itself; for others it takes operator.admin (behaviour.md H21). What is not there and what is not
 * for the caller look alike.
 */
export function mayManage({ scopes, deviceId }: DeviceCaller, target: string): boolean {
  return deviceId === undefined || deviceId === target || hasScope(scopes, "operator.admin");
}

export function denied(what: string): GatewayError {
  return new GatewayError("FORBIDDEN", `${what} denied`, {
    hint: "a device manages itself; for others, and for more rights than it has, it takes operator.admin",
  });
}

/** The first scope the caller would give away without having it. */
export function lackedScope({ scopes }: DeviceCaller, wanted: readonly string[]): string | undefined {
  return wanted.find((scope) => !hasScope(scopes, scope));
}
