import * as v from "valibot";
import { defaultAgentId } from "../../../config/agents.ts";
import { defineMethod } from "../../method.ts";

/** The configured agents; there is always at least one. */
export default defineMethod({
  name: "agents.list",
  scope: "operator.read",
  params: v.object({}),
  run: (_params, { services }) => ({
    defaultId: defaultAgentId(services.loaded.config),
    mainKey: "main",
    scope: "per-sender",
    ownership: "sole",
    selectionRequired: false,
    agents: services.turns.agents().map(({ id, name, workspace, model }) => ({
      id,
      ...(name && { name }),
      workspace,
      ...(model?.primary && { model: { primary: model.primary } }),
    })),
  }),
});
