import { readConfigFile } from "../../../config/read-file.ts";
import { replaceConfig } from "../../../config/store.ts";
import { ALL_GUARDS } from "../../../config/write-guard.ts";
import { sha256Hex } from "../../../platform/files.ts";
import { type ConfigChange, changeConfig, nowOption, printChange } from "../../change-config.ts";
import { defineCommand } from "../../command.ts";
import { readInput } from "../../read-input.ts";

export default defineCommand({
  summary: "Put a whole text in the place of the config",
  description: [
    "The text is checked as a start would check it, and written as it is, with its comments. Where it has",
    "__OPENCLAW_REDACTED__ for a secret, the stored one is kept. What was there before stays in the history.",
  ],
  positionals: { file: { summary: "the new text, JSON or JSON5; - reads stdin" } },
  options: {
    force: {
      type: "boolean",
      summary: "write also when most of the config, meta or gateway.mode would be gone",
    },
    dryRun: { type: "boolean", summary: "show the difference and what it takes to apply it, write nothing" },
    ...nowOption,
  },
  examples: ["openclaw config apply new.json5", "openclaw config apply new.json5 --dry-run"],
  async run({ file, force, dryRun, now }, context): Promise<ConfigChange> {
    const { configPath, stateDir } = context.paths;
    // Read first: what somebody else writes while the new text still comes in must not be lost.
    const raw = readConfigFile(configPath, stateDir);
    const baseHash = raw === undefined ? "" : sha256Hex(raw);
    const text = await readInput(file);
    return await changeConfig(
      {
        command: context.name,
        dryRun,
        now,
        write: (input) => replaceConfig({ ...input, text, baseHash, ...(force && { allow: ALL_GUARDS }) }),
      },
      context,
    );
  },
  render: printChange,
});
