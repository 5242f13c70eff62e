import { mapLegacyWrite } from "../../../config/legacy-write.ts";
import { checkConfig } from "../../../config/load.ts";
import { formatPath, parsePath } from "../../../config/path.ts";
import { type ConfigChange, changeConfig, printChange, refuseMeta } from "../../change-config.ts";
import { defineCommand } from "../../command.ts";
import { parseConfigValue } from "../../config-value.ts";

export default defineCommand({
  summary: "Set one value of the config",
  description: [
    "The value is read as JSON where it is JSON, and as text otherwise. Only this value changes in the file;",
    "comments and layout stay. A value that is not valid changes nothing.",
  ],
  positionals: {
    path: { summary: "for example gateway.port" },
    value: { summary: `for example 18800, local, '["127.0.0.1"]'` },
  },
  options: {
    json: { type: "boolean", summary: "the value has to be JSON; print what was done as JSON" },
    strictJson: { type: "boolean", summary: "the value has to be JSON" },
    dryRun: { type: "boolean", summary: "show the changed lines, write nothing" },
  },
  examples: [
    "openclaw config set gateway.port 18800",
    `openclaw config set gateway.trustedProxies '["127.0.0.1"]'`,
  ],
  async run(args, context): Promise<ConfigChange> {
    const { paths, env, io } = context;
    const path = parsePath(args.path);
    refuseMeta(path);
    const value = await parseConfigValue(args.value, path, args.json || args.strictJson);
    // A file with a bad value is most easily repaired by setting a good one.
    const checked = await checkConfig({ paths, env, purpose: "look" });
    const { edits, updated, notice } = mapLegacyWrite(path, value, checked.ok ? checked.loaded.config : {});
    if (notice) io.note(`notice: ${notice}`);
    if (checked.ok && checked.loaded.envPaths.includes(formatPath(path))) {
      io.note(`notice: the environment sets ${formatPath(path)} too, and wins`);
    }
    return changeConfig({ edits, title: `Updated ${updated}.`, dryRun: args.dryRun }, context);
  },
  render: printChange,
});
