import type { Change } from "../doctor/change.ts";
import type { Finding } from "../doctor/finding.ts";
import { openFixSession } from "../doctor/fix-session.ts";
import { type Outcome, repairFindings } from "../doctor/repair.ts";
import type { Env } from "../platform/env.ts";
import type { Paths } from "../platform/paths.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import { type Examination, factsInside, INSIDE_CHECKS } from "./examine.ts";

export interface WantedRepair {
  /** The failure to be mended, and the check that saw it. */
  id: string;
  check: string;
  /** Also what may leave something usable behind. */
  force: boolean;
}

export interface MadeRepair {
  id: string;
  title: string;
  does: string;
  outcome: Outcome;
  details: string[];
}

const WITHIN_MS = 15_000;

/** A running gateway has its database and its service in use: what moves those is done from outside. */
const MADE_INSIDE: ReadonlySet<Change["kind"]> = new Set([
  "config-edits",
  "config-text",
  "chmod",
  "chown",
  "write",
  "move",
  "remove",
]);

export function canBeMadeInside({ repair }: Finding): boolean {
  return repair?.changes.every(({ kind }) => MADE_INSIDE.has(kind)) === true;
}

/** Mends one failure as `doctor --fix` would; `doctor --undo` takes it back. */
export async function repairInside(
  { id, check, force }: WantedRepair,
  examination: Examination,
  { paths, env }: { paths: Paths; env: Env },
): Promise<MadeRepair[]> {
  const signal = AbortSignal.timeout(WITHIN_MS);
  const repaired = await repairFindings({
    checks: INSIDE_CHECKS,
    selection: { only: [check] },
    facts: () => factsInside({ ...examination, nowMs: Date.now() }, { paths, env }, signal),
    may: async (finding) =>
      finding.id === id && canBeMadeInside(finding) && (force || finding.repair.level === "safe"),
    session: openFixSession(paths, Date.now()),
    config: { paths, env, version: PRODUCT_VERSION },
    signal,
  });
  return repaired
    .filter(({ outcome }) => outcome !== "declined")
    .map(({ finding, outcome, details }) => ({
      id: finding.id,
      title: finding.title,
      does: finding.repair!.does,
      outcome,
      details,
    }));
}
