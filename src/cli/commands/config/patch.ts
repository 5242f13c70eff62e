import { parseJson5Value } from "../../../config/json5-value.ts";
import { patchConfig } from "../../../config/store.ts";
import { ALL_GUARDS } from "../../../config/write-guard.ts";
import { Fault } from "../../../platform/fault.ts";
import { isRecord } from "../../../protocol/frames.ts";
import { type ConfigChange, changeConfig, nowOption, printChange, refuseMeta } from "../../change-config.ts";
import { defineCommand } from "../../command.ts";
import { readInput } from "../../read-input.ts";
import { UsageError } from "../../usage.ts";

export default defineCommand({
  summary: "Merge an object into the config",
  description: [
    "A JSON merge patch, in JSON or JSON5: objects are merged, null removes a key, everything else replaces.",
    "Comments and layout of what the patch does not name stay. All of it is written, or nothing.",
  ],
  positionals: {
    patch: { summary: `for example '{ gateway: { port: 18800, bind: null } }'`, optional: true },
  },
  options: {
    file: { type: "string", placeholder: "file", summary: "read the patch from a file; - reads stdin" },
    force: {
      type: "boolean",
      summary: "write also when most of the config, meta or gateway.mode would be gone",
    },
    dryRun: { type: "boolean", summary: "show the difference and what it takes to apply it, write nothing" },
    ...nowOption,
  },
  examples: [
    "openclaw config patch '{ logging: { level: \"debug\" } }'",
    "openclaw config patch --file more.json5",
  ],
  async run({ patch: text, file, force, dryRun, now }, context): Promise<ConfigChange> {
    const patch = await readPatch(text, file);
    for (const key of Object.keys(patch)) if (patch[key] !== null) refuseMeta([key]);
    return await changeConfig(
      {
        command: file === undefined ? context.name : `${context.name} --file`,
        dryRun,
        now,
        write: (input) => patchConfig({ ...input, patch, ...(force && { allow: ALL_GUARDS }) }),
      },
      context,
    );
  },
  render: printChange,
});

async function readPatch(
  text: string | undefined,
  file: string | undefined,
): Promise<Record<string, unknown>> {
  const words = ["config", "patch"];
  if (text !== undefined && file !== undefined) {
    throw new UsageError('"config patch" takes a patch or --file, not both', words);
  }
  if (text === undefined && file === undefined) {
    throw new UsageError('missing argument <patch> for "config patch"', words);
  }
  const parsed = await parseJson5Value(text ?? (await readInput(file!)));
  if (parsed.ok && isRecord(parsed.value)) return parsed.value;
  throw new Fault(`the patch cannot be used: ${parsed.ok ? "expected an object { … }" : parsed.problem}`, {
    why: "Nothing was written.",
    fix: "openclaw config patch --help",
  });
}
