import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { modelLines, readModels } from "../../model-catalog.ts";

export default defineCommand({
  summary: "Show the models a turn can use, and whether they are ready",
  options: {
    all: { type: "boolean", summary: "also the usual model of every service that has a key, and the demo" },
    ...clientOptions,
  },
  run: ({ all, timeout }, context) => readModels({ all, timeout }, context),
  render({ running, models }, { io }) {
    for (const line of modelLines(models, Date.now())) io.out(line);
    if (!running) io.note("notice: from the config only, the gateway does not answer");
  },
});
