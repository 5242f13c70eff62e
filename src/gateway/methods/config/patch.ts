import * as v from "valibot";
import { BaseHash, RawText, RestartContext } from "../../config-write-fields.ts";
import { defineMethod } from "../../method.ts";

/** Merges a patch into the file (RFC 7396: null deletes); comments and layout of the rest stay. */
export default defineMethod({
  name: "config.patch",
  scope: "operator.admin",
  controlPlaneWrite: true,
  params: v.object({
    raw: RawText,
    baseHash: BaseHash,
    ...RestartContext,
    replacePaths: v.optional(v.pipe(v.array(v.pipe(v.string(), v.nonEmpty())), v.maxLength(256)), []),
  }),
  async run({ raw, baseHash, replacePaths }, context) {
    const { patchForClient } = await import("../../config-write.ts");
    return await patchForClient({ method: "config.patch", raw, baseHash, replacePaths }, context);
  },
});
