import { printChange } from "../../../change-config.ts";
import { changeFallbacks } from "../../../change-fallbacks.ts";
import { defineCommand } from "../../../command.ts";

export default defineCommand({
  summary: "Take all models off the fallbacks",
  options: {},
  run: (_args, context) => changeFallbacks(() => [], "There are no fallbacks any more.", context),
  render: printChange,
});
