import { defineCommand } from "../command.ts";
import { type DoctorReport, doctorLines } from "../doctor-report.ts";
import { paint } from "../io.ts";
import { examine, repairHere, selectChecks, takeBackHere } from "../run-doctor.ts";
import { UsageError } from "../usage.ts";

export default defineCommand({
  summary: "Find out what is wrong here, and repair it",
  description: [
    "Only looks, unless --fix or --yes is given. Each finding says what was seen and the one command that mends it.",
    "After a repair its check runs again; --undo takes the newest repairs back, byte for byte.",
    "Exit code 0 when nothing blocking is left, else 1. With --lint 0, 1 (findings) or 2 (could not look).",
  ],
  options: {
    fix: {
      type: "boolean",
      otherNames: ["repair"],
      summary: "repair what can be repaired without losing anything",
    },
    yes: { type: "boolean", summary: "the same as --fix; answers every question with yes" },
    force: { type: "boolean", summary: "with --fix: also repairs that leave something usable behind" },
    nonInteractive: { type: "boolean", summary: "never ask" },
    undo: { type: "boolean", summary: "put back what the newest repairs have changed" },
    deep: { type: "boolean", summary: "look further: services, proxies, inside the database" },
    all: { type: "boolean", summary: "every check there is, also those that take longer" },
    only: { type: "string", placeholder: "ids", summary: "just these checks, separated by commas" },
    skip: { type: "string", placeholder: "ids", summary: "all but these checks" },
    lint: { type: "boolean", summary: "for scripts: only look, exit code 1 from --severity-min on" },
    severityMin: {
      type: "choice",
      values: ["info", "warning", "error"],
      summary: "report only from this severity on (with --lint: warning)",
    },
    generateGatewayToken: {
      type: "boolean",
      summary: "write a new token into the config; clients need it",
    },
  },
  examples: ["openclaw doctor", "openclaw doctor --fix", "openclaw doctor --lint --json"],
  async run(args, context): Promise<DoctorReport & { lint: boolean }> {
    const { fix, yes, lint, undo, severityMin, generateGatewayToken } = args;
    const words = ["doctor"];
    if (lint && (fix || yes || undo || generateGatewayToken)) {
      throw new UsageError("--lint only looks; leave it out, or leave the other option out", words);
    }
    if (undo && (fix || yes)) throw new UsageError("--undo and --fix are two different things", words);
    if (undo) return { ...(await takeBackHere(args, context)), lint };
    const selection = selectChecks(args);
    if (generateGatewayToken) {
      const { writeNewToken } = await import("../new-gateway-token.ts");
      await writeNewToken(context);
    }
    const least = severityMin ?? (lint ? "warning" : "info");
    const report =
      fix || yes
        ? await repairHere({ selection, least, yes, force: args.force, ask: !args.nonInteractive }, context)
        : await examine({ selection, least }, context);
    return { ...report, lint };
  },
  render(report, { io }) {
    for (const line of doctorLines(report, paint(io.color.out))) io.out(line);
  },
  exitCode: ({ ok, lint, findings }) => (lint ? (findings.length > 0 ? 1 : 0) : ok ? 0 : 1),
});
