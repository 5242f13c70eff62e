import type { HealthSnapshot } from "../../protocol/entities.ts";
import { askHealth } from "../ask-health.ts";
import { clientOptions } from "../client-options.ts";
import { columns } from "../columns.ts";
import { defineCommand } from "../command.ts";
import { formatAge } from "../duration.ts";
import { checkReadiness, type Readiness, readinessLine } from "../readiness.ts";

export default defineCommand({
  summary: "Ask the running gateway how it is",
  description: [
    "Exit code 0 when it answers, else 1, at once when nothing listens. Fit for health checks.",
    "With --check it needs no token and prints one line, OK or FAIL: what the health check of an image runs.",
  ],
  options: {
    check: { type: "boolean", summary: "ask only whether it is ready, without credentials" },
    wait: { type: "duration", bareUnit: "s", summary: "keep trying for this long, for example 30s" },
    ...clientOptions,
  },
  examples: ["openclaw health", "openclaw health --wait 30s", "openclaw health --check"],
  async run({ check, wait, timeout }, context): Promise<HealthSnapshot | Readiness> {
    if (check) return checkReadiness(await context.target(), { timeoutMs: timeout, waitMs: wait ?? 0 });
    return await askHealth(context, { timeoutMs: timeout, ...(wait !== undefined && { waitMs: wait }) });
  },
  render(health, { io }) {
    if ("ready" in health) return io.out(readinessLine(health));
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
  exitCode: (data) => ("ready" in data && !data.ready ? 1 : 0),
});

function eventLoopText({ degraded, reasons, delayP99Ms }: NonNullable<HealthSnapshot["eventLoop"]>): string {
  const delay = `99% of delays under ${Math.max(1, Math.ceil(delayP99Ms))} ms`;
  return degraded ? `busy: ${reasons.join(", ")}; ${delay}` : `fine; ${delay}`;
}
