import { type Boot, LOOP_BOOTS, LOOP_MS, readBoots } from "../../platform/boot-ledger.ts";
import { lastSignOfLife, readExitFacts } from "../../platform/exit-facts.ts";
import { exitText, type LastExit, lastExit } from "../../platform/last-exit.ts";
import type { Paths } from "../../platform/paths.ts";
import { defineCheck } from "../check.ts";
import type { Observation } from "../finding.ts";

/** Older news is not what brings somebody to the doctor. */
const RECENT_MS = 24 * 3_600_000;

/** How the run before this one ended, by the ledger of boots and what the kernel knows. */
export default defineCheck({
  id: "last-exit",
  summary: "the gateway was not killed, and does not start again and again",
  where: "anywhere",
  async inspect({ paths, gateway, nowMs }) {
    const boots = readBoots(paths);
    const { holder } = await gateway();
    const ended = holder ? boots.slice(0, -1) : boots;
    return [
      ...loop(ended, nowMs),
      ...exit(previousExit(ended, holder !== undefined, paths), nowMs),
      ...(holder ? parked(boots.at(-1)) : []),
    ];
  },
});

function previousExit(boots: readonly Boot[], runs: boolean, paths: Paths): LastExit {
  const boot = boots.at(-1);
  // Whoever runs now is what that restart came to.
  if (!boot || (runs && boot.end?.kind === "restarting")) return { kind: "none" };
  // The file is as old as the last sign of whoever wrote it last.
  const sign = runs ? undefined : lastSignOfLife(paths);
  return lastExit(boots, boot.end ? {} : readExitFacts(boot, sign));
}

function exit(last: LastExit, nowMs: number): Observation[] {
  const text = exitText(last, nowMs);
  if (text === undefined || !("boot" in last) || nowMs - last.atMs > RECENT_MS) return [];
  const evidence = [`the run of pid ${last.boot.pid} ${text}`];
  if (last.kind === "failed") return [{ id: "unclean-exit", evidence, ...(last.fix && { fix: last.fix }) }];
  if (last.kind !== "unclean") return [];
  if (last.cause === "oom") return [{ id: "oom-killed", evidence }];
  return [
    {
      id: "unclean-exit",
      evidence,
      ...(last.cause === "machine-restarted" && { severity: "info" as const }),
    },
  ];
}

/** The gateway that runs now holds something back. */
function parked(boot: Boot | undefined): Observation[] {
  const { safeMode, end } = boot ?? {};
  if (!safeMode || safeMode.untilMs !== undefined || end) return [];
  return [{ id: "safe-mode", evidence: [`since this start, after ${safeMode.crashes} crashes in a row`] }];
}

/** Started again and again, and never for long. */
function loop(boots: readonly Boot[], nowMs: number): Observation[] {
  const bad = boots.filter(
    ({ startedAtMs, end }) =>
      nowMs - startedAtMs < LOOP_MS &&
      (!end || end.kind === "failed" || end.kind === "crash storm" || end.kind === "hung"),
  );
  if (bad.length < LOOP_BOOTS) return [];
  const causes = [...new Set(bad.map(({ end }) => end?.cause ?? "it was killed or crashed"))];
  return [
    {
      id: "crash-loop",
      evidence: [`${bad.length} starts within ${LOOP_MS / 60_000} minutes ended in trouble`, ...causes],
    },
  ];
}
