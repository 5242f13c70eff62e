import { aliasTable } from "../../../../agent/catalog.ts";
import { columns } from "../../../columns.ts";
import { defineCommand } from "../../../command.ts";

export default defineCommand({
  summary: "Show the short names of models",
  options: {},
  async run(_args, context) {
    const { config } = await context.config();
    return { aliases: Object.fromEntries(aliasTable(config)) };
  },
  render({ aliases }, { io }) {
    const rows = Object.entries(aliases);
    if (rows.length === 0)
      return io.out(
        "No model has a short name. Give one: openclaw models aliases add <name> <provider/model>",
      );
    for (const line of columns(rows, "")) io.out(line);
  },
});
