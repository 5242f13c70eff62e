import { defineCommand } from "../../command.ts";
import { uninstallService } from "../../uninstall-service.ts";

export default defineCommand({
  summary: "Stop the service and remove it; config and state stay",
  options: {},
  examples: ["openclaw gateway uninstall"],
  run: (_args, context) => uninstallService(context),
  render({ service, removed, stateDir }, { io }) {
    if (service === undefined) return io.out("No service of this gateway is installed; nothing to remove.");
    io.out(`Gateway service removed: ${service}`);
    for (const file of removed) io.out(`  ${file}`);
    io.out(`Config, token and sessions stay in ${stateDir}.`);
  },
});
