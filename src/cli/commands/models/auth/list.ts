import { providerAuth } from "../../../../agent/catalog.ts";
import { withConfiguredVariables } from "../../../../agent/model-keys.ts";
import { defineCommand } from "../../../command.ts";
import { tableLines } from "../../../table-lines.ts";

export default defineCommand({
  summary: "Show which model services have a key, and where it stands; never the key",
  options: { all: { type: "boolean", summary: "also the known services without one" } },
  async run({ all }, context) {
    const { config } = await context.config();
    return { providers: providerAuth(config, withConfiguredVariables(context.env, config), all) };
  },
  render({ providers }, { io }) {
    if (providers.length === 0) {
      io.out("No model service has a key.");
      return io.note("give one: openclaw models auth set <provider>");
    }
    const state = { static: "key found", missing: "no key", "not-needed": "none needed" };
    const rows = providers.map(({ provider, status, source, keys }) => [
      provider,
      keys > 1 ? `${keys} keys found` : state[status],
      source ?? "",
    ]);
    for (const line of tableLines([["Service", "Key", "Where"], ...rows])) io.out(line);
    io.note("notice: as this shell sees it; a gateway that runs as a service has an environment of its own");
  },
});
