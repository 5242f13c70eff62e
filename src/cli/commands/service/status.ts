import { mainPort } from "../../../access/bind.ts";
import { checkConfig } from "../../../config/load.ts";
import { describeServices } from "../../../platform/service/describe.ts";
import { PRODUCT_VERSION } from "../../../protocol/version.ts";
import { defineCommand } from "../../command.ts";
import { machineOf } from "../../service-desk.ts";
import { serviceLines } from "../../service-lines.ts";

export default defineCommand({
  summary: "Show the services of this gateway and what does not fit",
  description: [
    "What is installed and what its supervisor says. The gateway itself: openclaw gateway status",
  ],
  options: { deep: { type: "boolean", summary: "also look into services of other names" } },
  examples: ["openclaw service status", "openclaw service status --deep"],
  async run({ deep }, context) {
    const { paths, env } = context;
    const checked = await checkConfig({ paths, env, purpose: "look" });
    const described = await describeServices({
      ...{ machine: machineOf(context), paths, deep, version: PRODUCT_VERSION },
      ...(checked.ok && { port: mainPort(checked.loaded.config, paths) }),
    });
    return { ...described, configPath: paths.configPath };
  },
  render(report, { io }) {
    const { out, notes } = serviceLines(report);
    for (const line of out) io.out(line);
    for (const note of notes) io.note(note);
  },
});
