import { checkConfig } from "../../../config/load.ts";
import { type FoundGateway, findRunningGateway } from "../../../platform/running-gateway.ts";
import { PRODUCT_VERSION } from "../../../protocol/version.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { dashboardUrl } from "../../dashboard-url.ts";
import { type Probe, probeGateway } from "../../gateway-probe.ts";
import { answers, type GatewayReport, gatewayReportLines } from "../../gateway-report.ts";
import { paint } from "../../io.ts";
import { logFiles } from "../../log-files.ts";
import type { Target } from "../../target.ts";

export default defineCommand({
  summary: "Show runtime, port, config and rights of the gateway",
  description: ["Exit code 0 whatever it finds; with --require-rpc 1 unless a call that reads succeeds."],
  options: {
    requireRpc: { type: "boolean", summary: "prove it with a call that needs read rights" },
    noProbe: { type: "boolean", summary: "do not connect" },
    ...clientOptions,
  },
  async run({ requireRpc, noProbe, timeout }, context): Promise<GatewayReport> {
    const { paths, env } = context;
    const running = findRunningGateway(paths);
    const checked = await checkConfig({ paths, env, purpose: "look" });
    const report: GatewayReport = {
      cli: { version: PRODUCT_VERSION, configPath: paths.configPath },
      logFile: logFiles(paths.logsDir).at(-1) ?? paths.logsDir,
      service: { runtime: runtimeByLock(running) },
      config: { path: paths.configPath, valid: checked.ok },
      rpc: { required: requireRpc },
    };
    if (!checked.ok) {
      const { message, why, fix, lines } = checked.fault;
      return {
        ...report,
        config: { ...report.config, problem: { what: [message, ...lines].join("\n"), why, fix } },
      };
    }
    const { config, exists } = checked.loaded;
    const target = await context.target();
    const probe = noProbe ? undefined : await probeGateway(context, { read: requireRpc, timeoutMs: timeout });
    return {
      ...report,
      service: { runtime: runtimeOf(report, target.local && answers(probe ?? {})) },
      config: { ...report.config, exists, mode: config.gateway?.mode },
      gateway: { url: target.url, dashboard: dashboardUrl(target) },
      port: { host: target.host, port: target.port, ...(await holderOf(target, probe)) },
      rpc: { required: requireRpc, ...probe },
    };
  },
  render(report, { io }) {
    const { out, notes } = gatewayReportLines(report, paint(io.color.out));
    for (const line of out) io.out(line);
    for (const note of notes) io.note(note);
  },
  exitCode: ({ rpc }) => (rpc.required && !rpc.read?.ok ? 1 : 0),
});

function runtimeByLock(found: FoundGateway): GatewayReport["service"]["runtime"] {
  if (found.kind === "none") return { status: "stopped" };
  return { status: "running", ...(found.pid !== undefined && { pid: found.pid }) };
}

/** A gateway that answers runs, also when another user, container or state folder holds its lock. */
function runtimeOf({ service }: GatewayReport, answersHere: boolean) {
  const { runtime } = service;
  return answersHere && runtime.status === "stopped" ? ({ status: "running" } as const) : runtime;
}

async function holderOf({ local, port }: Target, probe: Probe | undefined) {
  if (!local || probe?.problem?.kind !== "no-gateway") return {};
  const { findPortHolder } = await import("../../../platform/ports.ts");
  const holder = findPortHolder(port);
  return holder ? { holder: { pid: holder.pid, command: holder.command } } : {};
}
