import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import type { ProbeReport } from "../../gateway-probe-payload.ts";
import { probeAll } from "../../gateway-probe-report.ts";
import { probeReportLines } from "../../gateway-probe-report-lines.ts";
import { paint } from "../../io.ts";
import { printableData } from "../../printable-data.ts";

export default defineCommand({
  summary: "Try every way to a gateway: by address, by ssh, the remote one, this machine",
  description: [
    "Always asks the gateway of gateway.remote.url, if there is one, and that of this machine.",
    "--url and --ssh come first. A secret that is typed is shown to the first of them alone; behind a tunnel",
    "gateway.remote.token is used otherwise.",
    "Exit code 0 when one can be reached, be it with limits, else 1.",
  ],
  options: {
    ssh: {
      type: "string",
      placeholder: "user@host",
      summary: "through a tunnel of the system's ssh; user@host:port for another port",
    },
    sshIdentity: { type: "string", placeholder: "file", summary: "private key for --ssh" },
    ...clientOptions,
    timeout: { ...clientOptions.timeout, default: 3_000, summary: "for each step (3s)" },
  },
  examples: ["openclaw gateway probe", "openclaw gateway probe --ssh me@server --json"],
  async run({ ssh, sshIdentity, url, token, password, port, timeout }, context): Promise<ProbeReport> {
    const flags = {
      ...(url !== undefined && { url }),
      ...(token !== undefined && { token }),
      ...(password !== undefined && { password }),
      ...(port !== undefined && { port }),
    };
    return await probeAll(context, { flags, ssh, identity: sshIdentity, timeoutMs: timeout });
  },
  render(report, { io }) {
    for (const line of probeReportLines(printableData(report), paint(io.color.out))) io.out(line);
  },
  exitCode: ({ ok }) => (ok ? 0 : 1),
});
