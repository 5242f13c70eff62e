import * as v from "valibot";
import { BaseHash, RawText, RestartContext } from "../../config-write-fields.ts";
import { defineMethod } from "../../method.ts";

/** `config.set` for programs: the same write, limited in how often it may be made. */
export default defineMethod({
  name: "config.apply",
  scope: "operator.admin",
  controlPlaneWrite: true,
  params: v.object({ raw: RawText, baseHash: BaseHash, ...RestartContext }),
  async run({ raw, baseHash }, context) {
    const { replaceForClient } = await import("../../config-write.ts");
    return await replaceForClient({ method: "config.apply", raw, baseHash }, context);
  },
});
