import {
  accountOptions,
  accountPositional,
  printAccounts,
  switchAccounts,
} from "../../channels/switch-accounts.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Connect an account that was stopped or parked",
  description: ["Begins anew at once, without waiting for the next attempt; also in safe mode."],
  positionals: accountPositional,
  options: { ...accountOptions, ...clientOptions },
  examples: ["openclaw channels start telegram"],
  run: (args, context) => switchAccounts("channels.start", args, context),
  render: printAccounts,
});
