import type { ResultOf } from "../../../gateway/method.ts";
import type stability from "../../../gateway/methods/diagnostics/stability.ts";
import { bundlesDir, listBundles } from "../../../platform/stability-bundles.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { type EventQuery, readBundle, type StabilityView, stabilityLines } from "../../stability-report.ts";
import { troubleFault } from "../../trouble-fault.ts";

const EVENTS = "Which events";

export default defineCommand({
  summary: "Show what the gateway remembers of its troubles",
  description: [
    "Memory, stalls, slow clients, large payloads and failed turns of this run; no texts, no secrets.",
    "When the gateway is down, the newest bundle tells of the run before.",
  ],
  options: {
    limit: {
      type: "number",
      min: 1,
      max: 1_000,
      default: 25,
      section: EVENTS,
      summary: "how many of the newest events (25)",
    },
    type: { type: "string", placeholder: "type", section: EVENTS, summary: "for example memory.pressure" },
    sinceSeq: {
      type: "number",
      otherNames: ["since"],
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      placeholder: "seq",
      section: EVENTS,
      summary: "only what came after this number",
    },
    bundle: { type: "string", placeholder: "latest|file", summary: "a bundle of an earlier run instead" },
    export: { type: "boolean", summary: "write the archive of: openclaw gateway diagnostics export" },
    output: { type: "string", placeholder: "path", summary: "with --export: where to write it" },
    ...clientOptions,
  },
  examples: ["openclaw gateway stability", "openclaw gateway stability --bundle latest"],
  async run({ bundle, export: exports, output, limit, type, sinceSeq, timeout }, context) {
    if (exports) {
      const { exportDiagnostics } = await import("../../export-diagnostics.ts");
      return {
        source: "export" as const,
        ...(await exportDiagnostics({ output, timeoutMs: timeout }, context)),
      };
    }
    const query = { limit, type, sinceSeq };
    if (bundle !== undefined) return readBundle(bundle, context.paths, query);
    return await liveOrLatest(query, timeout, context);
  },
  render(view, { io }) {
    if (view.source === "export") return io.out(view.path);
    for (const line of stabilityLines(view)) io.out(line);
  },
});

async function liveOrLatest(
  query: EventQuery,
  timeoutMs: number,
  context: CommandContext,
): Promise<StabilityView> {
  const target = await context.target();
  const reached = await context.reach({ scopes: ["operator.read"], backendFor: "diagnostics.stability" });
  if (reached.kind === "connected") {
    const { limit, type, sinceSeq } = query;
    const report = await reached.connection.call<ResultOf<typeof stability>>(
      "diagnostics.stability",
      { limit, ...(type !== undefined && { type }), ...(sinceSeq !== undefined && { sinceSeq }) },
      { timeoutMs },
    );
    return { source: "gateway", ...report };
  }
  const fault = troubleFault(reached.trouble, target, "call", context.name);
  if (!target.local || listBundles(bundlesDir(context.paths)).length === 0) throw fault;
  context.io.note(`notice: ${fault.message}; this is the newest bundle instead`);
  return readBundle("latest", context.paths, query);
}
