import { undoConfig } from "../../../config/undo.ts";
import { changeConfig, nowOption, printChange } from "../../change-config.ts";
import { defineCommand } from "../../command.ts";
import { parseVersionNumber } from "../../config-version.ts";

export default defineCommand({
  summary: "Put the version before the last change back",
  description: [
    "Works for changes by hand too, and when the file is broken or gone. What is there now stays in the history.",
    "The newest earlier version a start would accept becomes the newest version; undo again goes one further back.",
  ],
  positionals: { version: { summary: "a number of config history", optional: true } },
  options: {
    yes: { type: "boolean", summary: "accepted for scripts; nothing is asked anyway" },
    ...nowOption,
  },
  examples: ["openclaw config undo", "openclaw config undo 3"],
  async run({ version, now }, context) {
    const number = version === undefined ? undefined : parseVersionNumber(version, context.name);
    let restored: number | undefined;
    let left: number | undefined;
    const change = await changeConfig(
      {
        command: context.name,
        now,
        async write(input) {
          const undone = await undoConfig({ ...input, ...(number !== undefined && { number }) });
          restored = undone.restored.number;
          left = undone.left;
          return undone.updated;
        },
      },
      context,
    );
    return { ...change, title: `Version ${restored} is back.`, restored, left };
  },
  render(change, context) {
    printChange(change, context);
    if (change.left !== undefined && change.changed) {
      context.io.note(`To take that back: openclaw config undo ${change.left}`);
    }
  },
});
