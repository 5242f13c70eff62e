import { defineCommand } from "../command.ts";
import { stopGateway } from "../stop-gateway.ts";

export default defineCommand({
  summary: "Stop the gateway of this state folder, or its service",
  description: [
    "In good order: clients are told, running turns get a moment and are put back for the next start.",
    "Exit code 0 also when nothing runs. A service comes back with the next boot, unless --disable is given.",
  ],
  options: {
    disable: { type: "boolean", summary: "keep the service from starting by itself again" },
    force: { type: "boolean", summary: "accepted for older scripts; nothing is asked anyway" },
  },
  examples: ["openclaw stop", "openclaw gateway stop --disable"],
  run: ({ disable }, context) => stopGateway({ disable }, context),
  render({ service, disabled, ...stopped }, { io }) {
    const port = stopped.running && stopped.port !== undefined ? ` (port ${stopped.port})` : "";
    const pid = stopped.running && stopped.pid !== undefined ? stopped.pid : "";
    if (service === undefined && !stopped.running) return io.out("Gateway is not running; nothing to stop.");
    if (service === undefined) return io.out(`Gateway stopped: ${pid}${port}.`);
    io.out(
      stopped.running
        ? `Gateway service stopped: ${service}${port}.`
        : `Gateway service is stopped: ${service}.`,
    );
    io.out(
      disabled
        ? "It does not start by itself any more. To take it back: openclaw gateway install --force"
        : "It starts again with the next boot or login, or now: openclaw gateway start",
    );
  },
});
