import { checkConfig } from "../../../config/load.ts";
import { ALL_SCOPES } from "../../../protocol/scopes.ts";
import { PRODUCT_VERSION } from "../../../protocol/version.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { dashboardUrl } from "../../dashboard-url.ts";
import { probeGateway } from "../../gateway-probe.ts";
import { lookAtProcess } from "../../gateway-probe-machine.ts";
import { type GatewayReport, gatewayReportLines } from "../../gateway-report.ts";
import { rpcOf, runtimeOf } from "../../gateway-report-parts.ts";
import { paint } from "../../io.ts";
import { logFiles } from "../../log-files.ts";
import { printableData } from "../../printable-data.ts";

export default defineCommand({
  summary: "Show runtime, port, config, service and rights of the gateway",
  description: [
    "Exit code 0 whatever it finds; with --require-rpc 1 unless a call that reads succeeds.",
    "--deep shows each thing that was looked at and searches all service definitions for other gateways.",
  ],
  options: {
    deep: { type: "boolean", summary: "every facet, and other services that run a gateway" },
    requireRpc: { type: "boolean", summary: "prove it with a call that needs read rights" },
    noProbe: { type: "boolean", summary: "do not connect" },
    ...clientOptions,
  },
  async run({ requireRpc, noProbe, deep, timeout }, context): Promise<GatewayReport> {
    const { paths, env } = context;
    const checked = await checkConfig({ paths, env, purpose: "look" });
    const report = {
      cli: { version: PRODUCT_VERSION, configPath: paths.configPath },
      logFile: logFiles(paths.logsDir).at(-1) ?? paths.logsDir,
      deep,
    };
    const config = checked.ok
      ? {
          path: paths.configPath,
          valid: true,
          exists: checked.loaded.exists,
          mode: checked.loaded.config.gateway?.mode,
        }
      : { path: paths.configPath, valid: false, problem: problemOf(checked.fault) };
    const process = lookAtProcess(paths);
    // Nobody runs by its last good version, so nothing says where to look.
    if (!checked.ok && process.found.kind === "none")
      return {
        ...report,
        config,
        service: { runtime: runtimeOf({ process }) },
        rpc: { required: requireRpc },
      };
    const probe = await probeGateway(context, {
      calls: requireRpc || deep ? ["status"] : [],
      scopes: requireRpc ? ["operator.read"] : ALL_SCOPES,
      timeoutMs: timeout,
      services: deep ? "deep" : "ours",
      ...(noProbe && { connect: false }),
    });
    const { target, port, services, facets } = probe;
    const { ours, drift = [], others = [] } = services ?? {};
    return {
      ...report,
      service: { runtime: runtimeOf(probe), ...(ours && { installed: ours }), drift, others },
      config: {
        ...config,
        ...(ours?.configPath && {
          service: ours.configPath,
          mismatch: ours.configPath !== paths.configPath,
        }),
      },
      gateway: { url: target.url, dashboard: dashboardUrl(target) },
      port: { host: target.host, port: target.port, ...(port.holder && { holder: port.holder }) },
      rpc: { required: requireRpc, ...(!noProbe && rpcOf(probe, requireRpc)) },
      facets,
    };
  },
  render(report, { io }) {
    const shown = { ...report, rpc: printableData(report.rpc), facets: printableData(report.facets) };
    const { out, notes } = gatewayReportLines(shown, paint(io.color.out));
    for (const line of out) io.out(line);
    for (const note of notes) io.note(note);
  },
  exitCode: ({ rpc }) => (rpc.required && !rpc.read?.ok ? 1 : 0),
});

function problemOf({
  message,
  lines,
  why,
  fix,
}: {
  message: string;
  lines: readonly string[];
  why?: string | undefined;
  fix?: string | undefined;
}) {
  return { what: [message, ...lines].join("\n"), why, fix };
}
