import { isDeepStrictEqual } from "node:util";
import { updateConfig } from "../../../config/store.ts";
import { Fault } from "../../../platform/fault.ts";
import { bindingsOf, describeMatch, requireAgentId } from "../../agent-config.ts";
import { bindingOptions, matchOf } from "../../binding-options.ts";
import { type ConfigChange, changeConfig, printChange } from "../../change-config.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Take back what `agents bind` did",
  positionals: { id: { summary: "which agent" } },
  options: {
    ...bindingOptions,
    all: { type: "boolean", summary: "everything that is bound to it" },
    dryRun: { type: "boolean", summary: "show the difference, write nothing" },
  },
  examples: ["openclaw agents unbind work --channel slack", "openclaw agents unbind work --all"],
  async run({ id: typed, all, dryRun, ...which }, context): Promise<ConfigChange> {
    const { config } = await context.config();
    const agentId = requireAgentId(typed, config, context.paths);
    const match = all ? undefined : matchOf(which, ["agents", "unbind"]);
    const bindings = bindingsOf(config);
    const goes = bindings.filter(
      (binding) =>
        binding.agentId.toLowerCase() === agentId && (all || isDeepStrictEqual(binding.match, match)),
    );
    if (goes.length === 0) {
      throw new Fault(`nothing like that is bound to agent ${agentId}`, { fix: "openclaw agents list" });
    }
    const left = bindings.filter((binding) => !goes.includes(binding));
    return await changeConfig(
      {
        title: `No longer bound to agent ${agentId}: ${goes.map(describeMatch).join("; ")}.`,
        keys: ["bindings"],
        command: `${context.name} ${agentId}`,
        dryRun,
        write: (input) =>
          updateConfig({
            ...input,
            edits: [{ path: ["bindings"], value: left.length > 0 ? left : undefined }],
          }),
      },
      context,
    );
  },
  render: printChange,
});
