import { printable } from "../../platform/printable.ts";
import { defineCommand } from "../command.ts";
import { type Io, paint } from "../io.ts";
import { runSelftest, type SelftestReport, type StepReport } from "../selftest/run-selftest.ts";

export default defineCommand({
  summary: "Prove that this installation works, in a few seconds and apart from your state",
  description: [
    "Starts a gateway of its own in a temporary folder, with the built-in demo model, sends messages through it,",
    "edits its config, pairs a device, restarts and stops it. Your config, state and gateway are not touched.",
    "Exit code 1 when a step fails.",
  ],
  options: {
    json: { type: "boolean", summary: "print the data as JSON" },
    timeout: {
      type: "duration",
      bareUnit: "s",
      default: 20_000,
      summary: "how long one step may take (20s)",
    },
  },
  async run({ timeout, json }, { env, signal, io }): Promise<SelftestReport> {
    return runSelftest({
      env,
      signal,
      stepMs: timeout,
      program: [process.execPath, process.argv[1]!],
      ...(!json && { onStep: (step: StepReport) => printStep(step, io) }),
    });
  },
  render({ ok, ms, steps }, { io }) {
    const failed = steps.find(({ outcome }) => outcome === "failed");
    if (!failed) {
      io.out(`All of it works (${(ms / 1_000).toFixed(1)} s).`);
      io.out("Proven: WebSocket chat, HTTP completions, config reload, pairing, restart, stop.");
      io.out(
        "Not looked at: your own config (openclaw doctor), your model (openclaw models status), channels.",
      );
      return;
    }
    io.note(paint(io.color.note).red(`selftest failed at "${failed.name}"`));
    if (!ok && failed.fix) io.note(`  fix: ${failed.fix}`);
  },
  exitCode: ({ ok }) => (ok ? 0 : 1),
});

function printStep({ name, outcome, ms, seen, output = [] }: StepReport, io: Io): void {
  const { green, red, dim } = paint(io.color.out);
  const sign = outcome === "ok" ? green("ok     ") : outcome === "failed" ? red("FAILED ") : dim("skipped");
  io.out(`${sign} ${String(ms).padStart(5)} ms  ${name}${seen === "" ? "" : `: ${printable(seen)}`}`);
  for (const line of output) io.out(dim(`                  ${printable(line)}`));
}
