import * as v from "valibot";
import { CHAT_COMMANDS } from "../../../turn/commands.gen.ts";
import { defineMethod } from "../../method.ts";

/** The commands of the chat; they are the same for every agent and every surface. */
export default defineMethod({
  name: "commands.list",
  scope: "operator.read",
  params: v.object({
    agentId: v.optional(v.string()),
    scope: v.optional(v.picklist(["text", "native", "both"]), "both"),
    includeArgs: v.optional(v.boolean(), false),
    provider: v.optional(v.string()),
  }),
  run: ({ includeArgs }) => ({
    commands: CHAT_COMMANDS.map(({ name, aliases = [], description, category, args }) => ({
      name,
      nativeName: name,
      textAliases: [name, ...aliases].map((word) => `/${word}`),
      description,
      category,
      source: "native",
      scope: "both",
      acceptsArgs: args !== undefined,
      ...(includeArgs &&
        args !== undefined && { args: [{ name: "args", description: args, type: "string" }] }),
    })),
  }),
});
