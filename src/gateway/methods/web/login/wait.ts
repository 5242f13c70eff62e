import * as v from "valibot";
import { defineMethod } from "../../../method.ts";
import { noWebLogin, WebLoginParams } from "../../../web-login.ts";

/** Waits for a login that `web.login.start` has begun. */
export default defineMethod({
  name: "web.login.wait",
  scope: "operator.admin",
  hidden: true,
  params: v.object({
    ...WebLoginParams,
    currentQrDataUrl: v.optional(v.pipe(v.string(), v.maxLength(16_384))),
  }),
  run(): never {
    throw noWebLogin();
  },
});
