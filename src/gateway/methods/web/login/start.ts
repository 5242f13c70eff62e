import * as v from "valibot";
import { defineMethod } from "../../../method.ts";
import { noWebLogin, WebLoginParams } from "../../../web-login.ts";

/** A login by QR code belongs to platforms that link a phone; none of the channels here does. */
export default defineMethod({
  name: "web.login.start",
  scope: "operator.admin",
  hidden: true,
  params: v.object({ ...WebLoginParams, force: v.optional(v.boolean()), verbose: v.optional(v.boolean()) }),
  run(): never {
    throw noWebLogin();
  },
});
