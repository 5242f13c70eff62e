import * as v from "valibot";
import { BaseHash, RawText } from "../../config-write-fields.ts";
import { defineMethod } from "../../method.ts";

/**
 * Puts a whole text in the place of the file; placeholders at secrets keep what is stored. With `dryRun` nothing is
 * written: the answer says what it would be.
 */
export default defineMethod({
  name: "config.set",
  scope: "operator.admin",
  params: v.object({ raw: RawText, baseHash: BaseHash, dryRun: v.optional(v.boolean(), false) }),
  async run({ raw, baseHash, dryRun }, context) {
    const { replaceForClient } = await import("../../config-write.ts");
    return await replaceForClient({ method: "config.set", raw, baseHash, dryRun }, context);
  },
});
