import type { GatewayError } from "../protocol/errors.ts";

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
