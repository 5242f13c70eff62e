import { Fault } from "../../platform/fault.ts";
import { clientOptions } from "../client-options.ts";
import { defineCommand } from "../command.ts";
import { paint } from "../io.ts";
import { lastExitHere } from "../last-exit-here.ts";
import { printFault } from "../report.ts";
import { askStartup } from "../startup-probe.ts";
import { statusLines } from "../status-lines.ts";
import type { RunningStatus, StatusReport } from "../status-payload.ts";
import type { Trouble } from "../trouble.ts";
import { troubleFault } from "../trouble-fault.ts";

const STARTUP_MS = 2_000;

export default defineCommand({
  summary: "Show whether the gateway runs and what it does",
  description: ["Exit code 0 when the gateway answers and accepts this machine's credentials, else 1."],
  options: clientOptions,
  async run({ timeout }, context): Promise<StatusReport> {
    const target = await context.target();
    const { url, local, port } = target;
    const place = { url, local, port, configPath: context.paths.configPath, logsDir: context.paths.logsDir };
    // Says "starting" before the gateway takes connections at all.
    const startup = url.startsWith("ws:")
      ? await askStartup(target, Math.min(timeout, STARTUP_MS))
      : "unknown";
    const reached = await context.reach({ scopes: ["operator.read"], backendFor: "status" });
    if (reached.kind === "trouble") {
      const { message, why, fix } = troubleFault(reached.trouble, target, "check", context.name);
      const state = startup === "starting" ? "starting" : stateOf(reached.trouble);
      const problem = { what: message, why, fix };
      const exit = local && state === "stopped" ? lastExitHere(context.paths) : undefined;
      return { ...place, connected: false, state, problem, ...(exit && { lastExit: exit }) };
    }
    const { hello, call } = reached.connection;
    const running = await call<RunningStatus>("status", {}, { timeoutMs: timeout });
    return {
      ...place,
      connected: true,
      state: "running",
      version: hello.server.version,
      uptimeMs: hello.snapshot.uptimeMs,
      devices: { paired: running.devices?.paired ?? 0 },
      running,
    };
  },
  render(status, { io }) {
    for (const line of statusLines(status, paint(io.color.out))) io.out(line);
    if (!status.connected) printFault(new Fault(status.problem.what, status.problem), io);
  },
  exitCode: ({ connected }) => (connected ? 0 : 1),
});

function stateOf({ kind }: Trouble): "stopped" | "starting" | "unreachable" {
  if (kind === "refused") return "stopped";
  return kind === "starting" ? "starting" : "unreachable";
}
