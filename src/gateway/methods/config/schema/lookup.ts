import * as v from "valibot";
import { GatewayError } from "../../../../protocol/errors.ts";
import { defineMethod } from "../../../method.ts";

/** One level of the config's schema, for editors that open a section at a time. */
export default defineMethod({
  name: "config.schema.lookup",
  scope: "operator.read",
  params: v.object({ path: v.pipe(v.string(), v.nonEmpty(), v.maxLength(1_024)) }),
  async run({ path }) {
    const { lookUpSchema } = await import("../../../config-schema-lookup.ts");
    const found = await lookUpSchema(path);
    if (!found) throw new GatewayError("INVALID_REQUEST", "config schema path not found");
    return found;
  },
});
