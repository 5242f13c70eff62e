import {
  accountOptions,
  accountPositional,
  printAccounts,
  switchAccounts,
} from "../../channels/switch-accounts.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "End the connection of an account until it is started again",
  description: [
    "Until openclaw channels start, or the next start of the gateway. For good: openclaw channels remove.",
  ],
  positionals: accountPositional,
  options: { ...accountOptions, ...clientOptions },
  examples: ["openclaw channels stop telegram"],
  run: (args, context) => switchAccounts("channels.stop", args, context),
  render: printAccounts,
});
