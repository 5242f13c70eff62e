import { Fault } from "../platform/fault.ts";
import type { Paths } from "../platform/paths.ts";
import { closeFix, type FixStep, newestFix } from "./fix-session.ts";
import { conflictOf, takeBack } from "./undo-step.ts";

export interface UndoneFix {
  number: number;
  atMs: number;
  /** What was taken back, newest first. */
  steps: Pick<FixStep, "finding" | "does">[];
}

/**
 * Puts back what the newest `doctor --fix` has changed, byte for byte. All of it or nothing: where something has
 * changed since, it throws `Fault` (1) before it touches anything, unless `force`, which leaves just that alone.
 */
export async function undoNewestFix(
  paths: Paths,
  { nowMs, force }: { nowMs: number; force: boolean },
): Promise<UndoneFix> {
  const newest = newestFix(paths);
  if (!newest) {
    throw new Fault("There is no repair of the doctor to take back", { fix: "openclaw config history" });
  }
  const { record, folder } = newest;
  const undos = record.steps.flatMap(({ undo }) => undo).reverse();
  const later = new Set<string>();
  const conflicts = undos.flatMap((undo) => {
    // Of several changes to one path only the last one has left what is there now.
    const path = undo.kind === "move" ? undo.to : undo.path;
    const conflict = later.has(path) ? undefined : conflictOf(undo);
    later.add(path);
    return conflict === undefined ? [] : [{ undo, conflict }];
  });
  if (conflicts.length > 0 && !force) {
    throw new Fault(`The repairs cannot be taken back: ${conflicts[0]!.conflict}`, {
      lines: conflicts.slice(1).map(({ conflict }) => conflict),
      why: "Nothing was changed. With --force everything else is taken back.",
      fix: "openclaw doctor --undo --force",
    });
  }
  for (const undo of undos) {
    if (!conflicts.some((each) => each.undo === undo)) await takeBack(undo, folder, paths, nowMs);
  }
  closeFix(folder);
  return {
    number: record.number,
    atMs: record.atMs,
    steps: record.steps.map(({ finding, does }) => ({ finding, does })).reverse(),
  };
}
