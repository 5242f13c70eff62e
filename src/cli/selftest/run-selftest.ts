import { existsSync } from "node:fs";
import { isAlive } from "../../platform/alive.ts";
import { Fault } from "../../platform/fault.ts";
import { type LaunchInput, preparePrivateGateway } from "./private-gateway.ts";
import { STEPS, type Step } from "./steps.ts";

export interface StepReport {
  name: string;
  outcome: "ok" | "failed" | "skipped";
  ms: number;
  /** What was seen, or what went wrong. */
  seen: string;
  fix?: string;
  /** What the gateway printed last, of a step that failed. */
  output?: string[];
}

export interface SelftestReport {
  ok: boolean;
  ms: number;
  steps: StepReport[];
}

export interface SelftestInput extends LaunchInput {
  signal: AbortSignal;
  steps?: readonly Step[];
  onStep?(step: StepReport): void;
}

/** Runs every step until one fails, and leaves nothing behind. Throws `Fault` (1) when the signal stops it. */
export async function runSelftest(input: SelftestInput): Promise<SelftestReport> {
  const { signal, steps = STEPS, onStep, stepMs } = input;
  const startedMs = performance.now();
  const reports: StepReport[] = [];
  const note = (report: StepReport) => {
    reports.push(report);
    onStep?.(report);
  };
  const left: { home: string; pid: number } = { home: "", pid: 0 };
  {
    await using gateway = await preparePrivateGateway(input);
    left.home = gateway.home;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(stopped()), { once: true });
    });
    aborted.catch(() => {});
    const bench = { gateway, stepMs, open: [] };
    for (const step of steps) {
      if (signal.aborted) throw stopped();
      if (reports.some(({ outcome }) => outcome === "failed"))
        note({ name: step.name, outcome: "skipped", ms: 0, seen: "" });
      else note(await take(step, () => Promise.race([step.run(bench), aborted]), signal, gateway.lastWords));
    }
    left.pid = gateway.pid();
  }
  note(await take(CLEAN, async () => requireGone(left), signal));
  return { ok: reports.every(({ outcome }) => outcome === "ok"), ms: sinceMs(startedMs), steps: reports };
}

const CLEAN = { name: "nothing left behind", fix: "openclaw doctor" };

function stopped(): Fault {
  return new Fault("selftest stopped", { why: "Its process and its folder are gone." });
}

function requireGone({ home, pid }: { home: string; pid: number }): string {
  if (existsSync(home)) throw new Error(`the folder ${home} is still there`);
  if (pid > 0 && isAlive(pid)) throw new Error(`process ${pid} still runs`);
  return "its folder and its process are gone";
}

async function take(
  { name, fix }: Pick<Step, "name" | "fix">,
  run: () => Promise<string>,
  signal: AbortSignal,
  lastWords: () => string[] = () => [],
): Promise<StepReport> {
  const startedMs = performance.now();
  try {
    const seen = await run();
    return { name, outcome: "ok", ms: sinceMs(startedMs), seen };
  } catch (error) {
    if (signal.aborted) throw stopped();
    const seen = error instanceof Error ? error.message : String(error);
    const output = lastWords().filter((line) => line !== "");
    return {
      name,
      outcome: "failed",
      ms: sinceMs(startedMs),
      seen,
      fix,
      ...(output.length > 0 && { output }),
    };
  }
}

function sinceMs(startedMs: number): number {
  return Math.round(performance.now() - startedMs);
}
