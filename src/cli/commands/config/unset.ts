import { formatPath, parsePath } from "../../../config/path.ts";
import { type ConfigChange, changeConfig, printChange, refuseMeta } from "../../change-config.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Remove one value from the config",
  positionals: { path: { summary: "for example gateway.trustedProxies" } },
  options: { dryRun: { type: "boolean", summary: "show the changed lines, write nothing" } },
  run({ path: text, dryRun }, context): Promise<ConfigChange> {
    const path = parsePath(text);
    refuseMeta(path);
    const edits = [{ path, value: undefined }];
    return changeConfig({ edits, title: `Removed ${formatPath(path)}.`, dryRun }, context);
  },
  render: printChange,
});
