import * as v from "valibot";
import { SessionKeyText } from "../../fields.ts";
import { invokeTool } from "../../invoke-tool.ts";
import { defineMethod } from "../../method.ts";

/** One tool, once, without a model. What a policy forbids looks like what is not there (protocol.md §9.3). */
export default defineMethod({
  name: "tools.invoke",
  scope: "operator.write",
  params: v.object({
    name: v.pipe(v.string(), v.nonEmpty(), v.maxLength(256)),
    args: v.optional(v.record(v.string(), v.unknown()), {}),
    sessionKey: v.optional(SessionKeyText),
    agentId: v.optional(v.string()),
  }),
  async run({ name, args, sessionKey, agentId }, { services, connection }) {
    const call = { name, args, sessionKey, agentId, surface: "rpc" as const };
    const outcome = await invokeTool(call, services, connection.ended);
    if (!outcome.ok) {
      const { code, message } = outcome;
      return { ok: false as const, toolName: name, error: { code, message } };
    }
    const { content, details } = outcome;
    return {
      ok: true as const,
      toolName: name,
      source: "core",
      output: { content, ...(details && { details }) },
    };
  },
});
