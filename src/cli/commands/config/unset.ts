import { formatPath, parsePath } from "../../../config/path.ts";
import { repairConfig } from "../../../config/store.ts";
import { type ConfigChange, changeConfig, nowOption, printChange, refuseMeta } from "../../change-config.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Remove one value from the config",
  description: [
    "Other mistakes in the file do not stand in the way, so that they can be repaired one at a time.",
  ],
  positionals: { path: { summary: "for example gateway.trustedProxies" } },
  options: {
    dryRun: { type: "boolean", summary: "show the difference and what it takes to apply it, write nothing" },
    ...nowOption,
  },
  run({ path: text, dryRun, now }, context): Promise<ConfigChange> {
    const path = parsePath(text);
    refuseMeta(path);
    return changeConfig(
      {
        title: `Removed ${formatPath(path)}.`,
        keys: [formatPath(path)],
        command: `${context.name} ${formatPath(path)}`,
        dryRun,
        now,
        write: (input) => repairConfig({ ...input, edits: [{ path, value: undefined }] }),
      },
      context,
    );
  },
  render: printChange,
});
