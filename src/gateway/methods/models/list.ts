import * as v from "valibot";
import { defineMethod } from "../../method.ts";

interface ListedModel {
  id: string;
  name: string;
  provider: string;
  contextWindow?: number;
  tags: string[];
  available: boolean;
}

/** Models a turn can use: the default in force and everything listed in `models.providers`. */
export default defineMethod({
  name: "models.list",
  scope: "operator.read",
  params: v.object({ agentId: v.optional(v.string()), view: v.optional(v.string()) }),
  async run(_params, { services }): Promise<{ models: ListedModel[] }> {
    const configured = Object.entries(services.loaded.config.models?.providers ?? {}).flatMap(
      ([provider, entry]) =>
        (entry.models ?? []).map(({ id, name, contextWindow }) =>
          listed(provider, id, name, contextWindow, ["configured"]),
        ),
    );
    const found = await services.model;
    if (found.kind === "unusable") return { models: configured };
    const { target, source } = found.choice;
    const inForce = listed(target.provider, target.model, undefined, target.contextWindow, [
      "default",
      source,
    ]);
    const others = configured.filter(
      ({ id, provider }) => id !== inForce.id || provider !== inForce.provider,
    );
    return { models: [inForce, ...others] };
  },
});

function listed(
  provider: string,
  id: string,
  name: string | undefined,
  contextWindow: number | undefined,
  tags: string[],
): ListedModel {
  return { id, name: name ?? id, provider, ...(contextWindow && { contextWindow }), tags, available: true };
}
