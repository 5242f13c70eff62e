import * as v from "valibot";
import { type CatalogModel, modelCatalog } from "../../../agent/catalog.ts";
import { withConfiguredVariables } from "../../../agent/model-keys.ts";
import { THINKING_LEVELS, thinkingOf } from "../../../agent/thinking.ts";
import { defineMethod } from "../../method.ts";
import type { GatewayServices } from "../../services.ts";

const LEVELS = THINKING_LEVELS.slice(0, 5).map((id) => ({ id, label: id }));

/** Models a turn can use: the one in force, its fallbacks, and everything the config names. */
export default defineMethod({
  name: "models.list",
  scope: "operator.read",
  params: v.object({
    agentId: v.optional(v.string()),
    view: v.optional(v.picklist(["default", "configured", "provider-config", "all"]), "default"),
  }),
  async run({ agentId, view }, { services }) {
    const { loaded, env, turns } = services;
    const agent = turns
      .agents()
      .find(({ id, isDefault }) => (agentId ? id === agentId.toLowerCase() : isDefault));
    const models = modelCatalog({
      config: loaded.config,
      env: withConfiguredVariables(env, loaded.config),
      ...(agent?.model?.primary && { choice: agent.model }),
      settings: agent?.settings,
      all: view === "all",
    });
    const shown = await withFound(models, services);
    return { models: shown.map((model) => listed(model, services)) };
  },
});

/** Where the config names no default there is one that was found at start. */
async function withFound(models: CatalogModel[], services: GatewayServices): Promise<CatalogModel[]> {
  if (models.some(({ tags }) => tags.includes("default"))) return models;
  const found = await services.model;
  if (found.kind === "unusable") return models;
  const { target, source } = found.choice;
  const { provider, model: id, contextWindow } = target;
  const same = models.find((model) => model.provider === provider && model.id === id);
  const first: CatalogModel = {
    ...(same ?? { provider, id, name: id, ...(contextWindow && { contextWindow }) }),
    tags: ["default", source, ...(same?.tags ?? [])],
    available: true,
    target,
  };
  return [first, ...models.filter((model) => model !== same)];
}

/** As `ModelChoice` of the published schema. */
function listed({ target, why: _, input, ...model }: CatalogModel, { turns, clock }: GatewayServices) {
  const cooldown = target && turns.cooldowns.of(target);
  const thinkingDefault = target && thinkingOf(target);
  return {
    ...model,
    ...(input && { input: [...input] }),
    ...(model.reasoning !== false && { thinkingLevels: LEVELS, thinkingDefault: thinkingDefault ?? "off" }),
    available: model.available && !cooldown,
    ...(!model.available && { unavailableReason: "missing-auth" as const }),
    ...(cooldown && {
      unavailableReason: cooldown.failure === "auth" ? ("auth-failed" as const) : ("cooldown" as const),
      unavailableUntil: clock.now() + cooldown.leftMs,
    }),
  };
}
