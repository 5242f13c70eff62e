import { defineCommand } from "../../command.ts";
import { waitOption } from "../../wait-option.ts";

export default defineCommand({
  summary: "Install the gateway as a service that starts by itself",
  description: [
    "systemd on Linux (as root: a service of the machine), launchd on macOS, a task on Windows.",
    "It starts at once, takes over from a gateway that runs, and keeps provider keys that are set here.",
  ],
  options: {
    force: { type: "boolean", summary: "write one anew that is installed already" },
    port: { type: "number", min: 1, max: 65_535, summary: "listen here; else as the config says" },
    system: { type: "boolean", summary: "a service of the machine, which needs root" },
    wrapper: { type: "string", placeholder: "path", summary: "a program to start instead of Node" },
    ...waitOption,
  },
  examples: ["openclaw gateway install", "openclaw gateway install --force --port 18800"],
  async run({ wait, ...options }, context) {
    const { installService } = await import("../../install-service.ts");
    await installService({ ...options, waitMs: wait }, context);
  },
});
