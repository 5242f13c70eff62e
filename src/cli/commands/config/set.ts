import { mapLegacyWrite } from "../../../config/legacy-write.ts";
import { checkConfig } from "../../../config/load.ts";
import { type ConfigPath, formatPath, parsePath } from "../../../config/path.ts";
import { repairConfig } from "../../../config/store.ts";
import { type ConfigChange, changeConfig, nowOption, printChange, refuseMeta } from "../../change-config.ts";
import { defineCommand } from "../../command.ts";
import { readBatch } from "../../config-batch.ts";
import { parseConfigValue } from "../../config-value.ts";
import { UsageError } from "../../usage.ts";

export default defineCommand({
  summary: "Set one value of the config",
  description: [
    "The value is read as JSON where it is JSON, and as text otherwise. Only this value changes in the file, or in",
    "the included file it comes from; comments and layout stay. A value that is not valid changes nothing. Other",
    "mistakes in the file do not stand in the way, so that they can be repaired one at a time.",
  ],
  positionals: {
    path: { summary: "for example gateway.port", optional: true },
    value: { summary: `for example 18800, local, '["127.0.0.1"]'`, optional: true },
  },
  options: {
    json: { type: "boolean", summary: "the value has to be JSON; print what was done as JSON" },
    strictJson: { type: "boolean", summary: "the value has to be JSON" },
    dryRun: { type: "boolean", summary: "show the difference and what it takes to apply it, write nothing" },
    batchFile: {
      type: "string",
      placeholder: "file",
      summary: "set all of [{ path, value }, …] or nothing; - reads stdin",
    },
    ...nowOption,
  },
  examples: [
    "openclaw config set gateway.port 18800",
    `openclaw config set gateway.trustedProxies '["127.0.0.1"]'`,
  ],
  async run(args, context): Promise<ConfigChange> {
    const { paths, env, io, name } = context;
    const wanted = await readWanted(args);
    for (const { path } of wanted) refuseMeta(path);
    // A file with a bad value is most easily repaired by setting a good one.
    const checked = await checkConfig({ paths, env, purpose: "look" });
    const current = checked.ok ? checked.loaded.config : {};
    const mapped = wanted.map(({ path, value }) => mapLegacyWrite(path, value, current));
    for (const { notice } of mapped) if (notice) io.note(`notice: ${notice}`);
    for (const { path } of wanted) {
      if (!checked.ok || !checked.loaded.envPaths.includes(formatPath(path))) continue;
      io.note(`notice: the environment sets ${formatPath(path)} too, and wins`);
    }
    const edits = mapped.flatMap((each) => each.edits);
    const typed = wanted.map(({ path }) => formatPath(path));
    const updated = mapped.map((each) => each.updated);
    const change = await changeConfig(
      {
        title: `Updated ${updated.join(", ")}.`,
        keys: edits.map(({ path }) => formatPath(path)),
        command: args.batchFile === undefined ? `${name} ${typed[0]}` : `${name} --batch-file`,
        dryRun: args.dryRun,
        now: args.now,
        olderWords: updated.some((text, i) => text !== typed[i]),
        write: (input) => repairConfig({ ...input, edits }),
      },
      context,
    );
    const port = edits.find(({ path }) => formatPath(path) === "gateway.port");
    if (port && !args.dryRun) {
      const { hintPinnedPort } = await import("../../pinned-port-hint.ts");
      if (hintPinnedPort(port.value, context)) return { ...change, followed: false };
    }
    return change;
  },
  render: printChange,
});

interface Typed {
  path: string | undefined;
  value: string | undefined;
  batchFile: string | undefined;
  json: boolean;
  strictJson: boolean;
}

async function readWanted(args: Typed): Promise<{ path: ConfigPath; value: unknown }[]> {
  const words = ["config", "set"];
  if (args.batchFile !== undefined) {
    if (args.path === undefined) return await readBatch(args.batchFile);
    throw new UsageError('"config set" takes a path or --batch-file, not both', words);
  }
  if (args.path === undefined) throw new UsageError('missing argument <path> for "config set"', words);
  if (args.value === undefined) throw new UsageError('missing argument <value> for "config set"', words);
  const path = parsePath(args.path);
  return [{ path, value: await parseConfigValue(args.value, path, args.json || args.strictJson) }];
}
