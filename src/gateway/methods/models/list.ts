import * as v from "valibot";
import { defineMethod } from "../../method.ts";

/** Models a turn can use: the default in force and everything listed in `models.providers`. */
export default defineMethod({
  name: "models.list",
  scope: "operator.read",
  params: v.object({ agentId: v.optional(v.string()), view: v.optional(v.string()) }),
  async run(_params, { services }) {
    const { target, source } = await services.model;
    const inForce = {
      id: target.model,
      name: target.model,
      provider: target.provider,
      ...(target.contextWindow && { contextWindow: target.contextWindow }),
      tags: ["default", source],
      available: true,
    };
    const configured = Object.entries(services.loaded.config.models?.providers ?? {}).flatMap(
      ([provider, entry]) =>
        (entry.models ?? []).map((model) => ({
          id: model.id,
          name: model.name ?? model.id,
          provider,
          ...(model.contextWindow && { contextWindow: model.contextWindow }),
          tags: ["configured"],
          available: true,
        })),
    );
    const others = configured.filter(
      (model) => model.id !== inForce.id || model.provider !== inForce.provider,
    );
    return { models: [inForce, ...others] };
  },
});
