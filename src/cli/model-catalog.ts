import { modelCatalog } from "../agent/catalog.ts";
import { withConfiguredVariables } from "../agent/model-keys.ts";
import type { ResultOf } from "../gateway/method.ts";
import type modelsList from "../gateway/methods/models/list.ts";
import type { CommandContext } from "./context.ts";
import { tableLines } from "./table-lines.ts";

type Listed = ResultOf<typeof modelsList>["models"][number];
/** What both a gateway and the config alone can tell. */
export type ShownModel = Omit<Listed, "unavailableReason" | "unavailableUntil"> & {
  unavailableReason?: string;
  unavailableUntil?: number;
};

/** Asks the gateway, which knows what it found at start and who is cooling down; without one the config is read. */
export async function readModels(
  { all, timeout }: { all: boolean; timeout: number },
  context: CommandContext,
): Promise<{ running: boolean; models: ShownModel[] }> {
  const reached = await context.reach({ scopes: ["operator.read"] });
  if (reached.kind !== "trouble") {
    const params = { view: all ? "all" : "default" };
    const { models } = await reached.connection.call<{ models: ShownModel[] }>("models.list", params, {
      timeoutMs: timeout,
    });
    return { running: true, models };
  }
  const { config } = await context.config();
  const found = modelCatalog({ config, env: withConfiguredVariables(context.env, config), all });
  const models = found.map(({ target: _, why, input, ...model }) => ({
    ...model,
    ...(input && { input: [...input] }),
    ...(why !== undefined && { unavailableReason: why }),
  }));
  return { running: false, models };
}

export function modelLines(models: readonly ShownModel[], now: number): string[] {
  if (models.length === 0) return ["No model is named in the config."];
  const rows = models.map((model) => {
    const { provider, id, alias, tags, contextWindow } = model;
    return [
      `${provider}/${id}`,
      alias ?? "",
      contextWindow ? String(contextWindow) : "",
      tags?.join(", ") ?? "",
      stateOf(model, now),
    ];
  });
  return tableLines([["Model", "Alias", "Context", "Tags", "State"], ...rows]);
}

function stateOf({ available, unavailableReason, unavailableUntil }: ShownModel, now: number): string {
  if (available) return "ready";
  if (unavailableUntil === undefined)
    return unavailableReason === "missing-auth" ? "no key" : (unavailableReason ?? "unusable");
  return `${unavailableReason}, ${Math.max(0, Math.ceil((unavailableUntil - now) / 1_000))} s more`;
}
