import { Fault } from "../../platform/fault.ts";
import { ALL_SCOPES } from "../../protocol/scopes.ts";
import { clientOptions } from "../client-options.ts";
import { defineCommand } from "../command.ts";
import { type GatewayProbe, probeGateway } from "../gateway-probe.ts";
import { paint } from "../io.ts";
import { lastExitHere } from "../last-exit-here.ts";
import { printableData } from "../printable-data.ts";
import { printFault } from "../report.ts";
import { statusLines } from "../status-lines.ts";
import type { StatusReport } from "../status-payload.ts";

export default defineCommand({
  summary: "Show whether the gateway runs and what it does",
  description: [
    "Exit code 0 when the gateway answers and accepts this machine's credentials, else 1.",
    "--deep also shows each thing that was looked at, with the evidence. --all adds the machine, other gateways,",
    "the last starts and complaints: what somebody who helps would ask for. Neither shows secrets.",
  ],
  options: {
    deep: { type: "boolean", summary: "show what was looked at, one line each, with the evidence" },
    all: { type: "boolean", summary: "the same, and what is around it: fit to be pasted" },
    ...clientOptions,
  },
  examples: ["openclaw status", "openclaw status --deep", "openclaw status --all"],
  async run({ timeout, deep, all }, context): Promise<StatusReport> {
    const far = deep || all;
    const probe = await probeGateway(context, {
      calls: ["status"],
      scopes: far ? ALL_SCOPES : ["operator.read"],
      backendFor: "status",
      timeoutMs: timeout,
      services: all ? "deep" : far ? "ours" : "none",
    });
    const { target, capability, facets, services, durationMs } = probe;
    const { url, local, port } = target;
    const seen = {
      ...{ url, local, port, configPath: context.paths.configPath, logsDir: context.paths.logsDir },
      ...{ capability, facets, durationMs },
      ...(services && { services: servicesOf(services) }),
      ...(all && { surroundings: await lookAround(context) }),
    };
    if (!probe.hello) {
      const state = stateOf(probe);
      const exit = local && state === "stopped" ? lastExitHere(context.paths) : undefined;
      return { ...seen, connected: false, state, problem: probe.problem!, ...(exit && { lastExit: exit }) };
    }
    const { hello, answers, failed } = probe;
    const { status: running = {} } = answers;
    return {
      ...seen,
      connected: true,
      state: "running",
      version: hello.server.version,
      uptimeMs: hello.snapshot.uptimeMs,
      ...(answers.status && { devices: { paired: running.devices?.paired ?? 0 } }),
      running,
      ...(failed[0] && {
        problem: {
          what: `gateway call failed: ${failed[0].reason}`,
          why: "the gateway took the connection and did not answer the question",
          fix: "openclaw gateway probe",
        },
      }),
    };
  },
  render(status, context) {
    const { io } = context;
    const far = status.services !== undefined;
    for (const line of statusLines(printableData(status), paint(io.color.out), far)) io.out(line);
    if (status.problem) printFault(new Fault(status.problem.what, status.problem), io);
  },
  exitCode: ({ connected, problem }) => (connected && !problem ? 0 : 1),
});

async function lookAround(context: Parameters<typeof probeGateway>[0]) {
  const { surroundingsOf } = await import("../status-surroundings.ts");
  return await surroundingsOf(context);
}

function servicesOf({ ours, drift, others }: NonNullable<GatewayProbe["services"]>) {
  return { ...(ours && { ours }), drift, others };
}

function stateOf({
  target,
  trouble,
  startup,
  process,
}: GatewayProbe): "stopped" | "starting" | "unreachable" {
  if (startup === "starting" || trouble?.kind === "starting") return "starting";
  if (trouble?.kind !== "refused") return "unreachable";
  if (!target.local || process.found.kind === "none") return "stopped";
  // It holds the state folder and does not listen yet, or no more, or elsewhere.
  const { boot } = process.found.kind === "verified" ? process.found : {};
  return boot?.stages.at(-1)?.stage === "starting" && !process.paused ? "starting" : "unreachable";
}
