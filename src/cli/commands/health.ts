import type { HealthSnapshot } from "../../protocol/entities.ts";
import { clientOptions } from "../client-options.ts";
import { columns } from "../columns.ts";
import { defineCommand } from "../command.ts";
import { formatAge } from "../duration.ts";
import { waitForGateway } from "../wait-for-gateway.ts";

export default defineCommand({
  summary: "Ask the running gateway how it is",
  description: ["Exit code 0 when it answers, else 1, at once when nothing listens. Fit for health checks."],
  options: {
    wait: { type: "duration", bareUnit: "s", summary: "keep trying for this long, for example 30s" },
    ...clientOptions,
  },
  examples: ["openclaw health", "openclaw health --wait 30s"],
  async run({ wait, timeout }, context) {
    const how = { scopes: ["operator.read"], backendFor: "health", surface: "check" } as const;
    const connection =
      wait === undefined ? await context.connect(how) : await waitForGateway(context, how, wait);
    return connection.call<HealthSnapshot>("health", {}, { timeoutMs: timeout });
  },
  render(health, { io }) {
    io.out(`Gateway is healthy (answered in ${Math.max(1, Math.round(health.durationMs))} ms)`);
    const rows: [string, string][] = [];
    const { agents, sessions, eventLoop } = health;
    if (agents) rows.push(["Agents", agents.map((agent) => agent.agentId).join(", ")]);
    const recent = sessions?.recent[0];
    if (sessions) {
      rows.push(["Sessions", `${sessions.count}${recent ? `, last active ${formatAge(recent.age)}` : ""}`]);
      rows.push(["Stored in", sessions.path]);
    }
    if (eventLoop) rows.push(["Event loop", eventLoopText(eventLoop)]);
    if (rows.length > 0) for (const line of columns(rows)) io.out(line);
  },
});

function eventLoopText({ degraded, reasons, delayP99Ms }: NonNullable<HealthSnapshot["eventLoop"]>): string {
  const delay = `99% of delays under ${Math.max(1, Math.ceil(delayP99Ms))} ms`;
  return degraded ? `busy: ${reasons.join(", ")}; ${delay}` : `fine; ${delay}`;
}
