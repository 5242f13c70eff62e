import * as v from "valibot";
import { GatewayError } from "../protocol/errors.ts";

/** What both methods of a login by QR code take. */
export const WebLoginParams = {
  timeoutMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  accountId: v.optional(v.string()),
};

/** The words clients know (protocol.md §9.8); guides that set gateway.mode for it are wrong. */
export function noWebLogin(): GatewayError {
  return new GatewayError("INVALID_REQUEST", "web login provider is not available", {
    hint: "no channel of this gateway logs in by QR code; Telegram and IRC take a token or a password: openclaw channels add",
  });
}
