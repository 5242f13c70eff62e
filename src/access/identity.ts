import { type ConnectDetail, GatewayError } from "../protocol/errors.ts";

/** Who somebody outside of the gateway says a client is, where the config lets them vouch for it. */
export type IdentityVerdict =
  | {
      kind: "known";
      method: "trusted-proxy" | "tailscale";
      user: string;
      /** What the config grants this user; undefined: a paired device decides. */
      scopes: readonly string[] | undefined;
    }
  | { kind: "refused"; error: GatewayError };

/** In the words of a refused connect; `authReason` says which rule it was. */
export function identityRefused(why: string, detail: ConnectDetail, authReason: string): IdentityVerdict {
  return {
    kind: "refused",
    error: new GatewayError("INVALID_REQUEST", `unauthorized: ${why}`, {
      detail,
      details: {
        authReason,
        canRetryWithDeviceToken: false,
        recommendedNextStep: "review_auth_configuration",
      },
    }),
  };
}
