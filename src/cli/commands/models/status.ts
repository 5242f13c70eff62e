import { clientOptions } from "../../client-options.ts";
import { columns } from "../../columns.ts";
import { defineCommand } from "../../command.ts";
import { configuredModels } from "../../configured-models.ts";
import { modelName } from "../../model-name.ts";
import type { RunningStatus } from "../../status-payload.ts";

interface ListedModel {
  id: string;
  provider: string;
  tags?: string[];
}

export default defineCommand({
  summary: "Show which model answers and which others are set up",
  description: ["Asks the running gateway; without one it tells what the config says."],
  options: clientOptions,
  async run({ timeout }, context) {
    const { config } = await context.config();
    const configured = configuredModels(config);
    const reached = await context.reach({ scopes: ["operator.read"] });
    if (reached.kind === "trouble")
      return { running: false as const, reason: reached.trouble.reason, ...configured };
    const { call } = reached.connection;
    const [status, { models }] = await Promise.all([
      call<RunningStatus>("status", {}, { timeoutMs: timeout }),
      call<{ models: ListedModel[] }>("models.list", {}, { timeoutMs: timeout }),
    ]);
    return { running: true as const, model: status.model, ...configured, models };
  },
  render(data, { io }) {
    const { primary, fallbacks, running } = data;
    const rows: [string, string][] = [];
    if (running && data.model) rows.push(["In use", modelName(data.model)]);
    else
      rows.push([
        "Configured",
        primary ?? "none: chosen at start from keys, local model servers or the demo",
      ]);
    if (fallbacks.length > 0) rows.push(["Fallbacks", fallbacks.join(", ")]);
    const others = running ? data.models.filter(({ tags }) => !tags?.includes("default")) : data.models;
    for (const [at, { provider, id }] of others.entries())
      rows.push([at === 0 ? "Others" : "", `${provider}/${id}`]);
    for (const line of columns(rows, "")) io.out(line);
    if (!running) io.note(`notice: from the config only, the gateway does not answer (${data.reason})`);
    io.note(`change it: openclaw config set ${data.primaryPath} <provider>/<model>`);
  },
});
