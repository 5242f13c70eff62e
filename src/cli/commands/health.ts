import { printable } from "../../platform/printable.ts";
import type { HealthSnapshot } from "../../protocol/entities.ts";
import { isRecord } from "../../protocol/frames.ts";
import { askHealth } from "../ask-health.ts";
import { type AccountState, stateText } from "../channels/state-text.ts";
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
    for (const line of channelTexts(health, Date.now())) rows.push(["Channels", line]);
    if (eventLoop) rows.push(["Event loop", eventLoopText(eventLoop)]);
    if (rows.length > 0) for (const line of columns(rows)) io.out(line);
  },
  exitCode: (data) => ("ready" in data && !data.ready ? 1 : 0),
});

/** One line an account. Other gateways say less of them, and nothing is made up. */
function channelTexts({ channels = {}, channelLabels = {} }: HealthSnapshot, nowMs: number): string[] {
  return Object.entries(channels).flatMap(([channel, entry]) => {
    const accounts = isRecord(entry) && isRecord(entry.accounts) ? entry.accounts : {};
    return Object.entries(accounts).flatMap(([accountId, account]) => {
      if (!isRecord(account) || typeof account.state !== "string") return [];
      const state = { ...(account as unknown as AccountState), channel };
      const text = account.enabled === false ? "disabled" : stateText(state, nowMs);
      return [printable(`${channelLabels[channel] ?? channel} ${accountId}: ${text}`)];
    });
  });
}

function eventLoopText({ degraded, reasons, delayP99Ms }: NonNullable<HealthSnapshot["eventLoop"]>): string {
  const delay = `99% of delays under ${Math.max(1, Math.ceil(delayP99Ms))} ms`;
  return degraded ? `busy: ${reasons.join(", ")}; ${delay}` : `fine; ${delay}`;
}
