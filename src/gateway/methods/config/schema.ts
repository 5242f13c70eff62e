import * as v from "valibot";
import { PRODUCT_VERSION } from "../../../protocol/version.ts";
import { defineMethod } from "../../method.ts";

/** JSON Schema of the config file. */
export default defineMethod({
  name: "config.schema",
  scope: "operator.read",
  params: v.object({}),
  async run(_params, { services: { clock } }) {
    const { configJsonSchema } = await import("../../../config/schema-json.ts");
    const schema = await configJsonSchema();
    return {
      schema,
      uiHints: {},
      version: PRODUCT_VERSION,
      generatedAt: new Date(clock.now()).toISOString(),
    };
  },
});
