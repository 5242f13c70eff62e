import { defineCommand } from "../command.ts";
import { stopGateway } from "../stop-gateway.ts";

export default defineCommand({
  summary: "Stop the gateway of this state folder",
  description: [
    "In good order: clients are told, running turns get a moment and are put back for the next start.",
    "Exit code 0 also when nothing runs. A supervisor that keeps it running may start it again.",
  ],
  options: { force: { type: "boolean", summary: "accepted for older scripts; nothing is asked anyway" } },
  examples: ["openclaw stop"],
  run: (_args, context) => stopGateway(context),
  render(stopped, { io }) {
    if (!stopped.running) return io.out("Gateway is not running; nothing to stop.");
    const { pid, port } = stopped;
    io.out(`Gateway stopped: ${pid}${port === undefined ? "" : ` (port ${port})`}.`);
  },
});
