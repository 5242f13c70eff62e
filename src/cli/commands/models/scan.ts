import { withConfiguredVariables } from "../../../agent/model-keys.ts";
import { scanModels } from "../../../agent/scan-models.ts";
import { createOutbound } from "../../../platform/outbound.ts";
import { printable } from "../../../platform/printable.ts";
import { defineCommand } from "../../command.ts";
import { paint } from "../../io.ts";

export default defineCommand({
  summary: "Ask the model services with a key, and this machine, which models they have",
  description: [
    "Costs nothing: it asks for lists, and no model. Keys go to the service they belong to alone.",
  ],
  options: { provider: { type: "string", placeholder: "name", summary: "only this one" } },
  examples: ["openclaw models scan", "openclaw models scan --provider openai"],
  async run({ provider }, context) {
    const { config } = await context.config();
    using outbound = createOutbound();
    const env = withConfiguredVariables(context.env, config);
    return { services: await scanModels({ config, env, only: provider }, outbound, context.signal) };
  },
  render({ services }, { io }) {
    const { bold, dim } = paint(io.color.out);
    if (services.length === 0) {
      io.out("No model service has a key, and no model server runs on this machine.");
      return io.note("give a key: openclaw models auth set <provider>");
    }
    for (const { provider, baseUrl, models, why } of services) {
      io.out(`${bold(printable(provider))}  ${dim(printable(baseUrl))}`);
      if (why !== undefined) io.out(`  does not say: ${printable(why)}`);
      else if (models?.length === 0) io.out("  has no models");
      for (const id of models ?? []) io.out(`  ${printable(`${provider}/${id}`)}`);
    }
    io.note("choose one: openclaw models set <provider>/<model>");
  },
  exitCode: ({ services }) => (services.some(({ models }) => models !== undefined) ? 0 : 1),
});
