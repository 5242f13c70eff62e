import { copyFileSync, existsSync, rmSync } from "node:fs";
import { Fault } from "../platform/fault.ts";
import type { Paths } from "../platform/paths.ts";
import { closeFix, type FixStep, newestFix } from "./fix-session.ts";
import { conflictOf, takeBack, type Undo } from "./undo-step.ts";

export interface UndoneFix {
  number: number;
  atMs: number;
  /** What was taken back, newest first. */
  steps: Pick<FixStep, "finding" | "does">[];
}

/**
 * Puts back what the newest `doctor --fix` has changed, byte for byte. All of it or nothing: where something has
 * changed since, it throws `Fault` (1) before it touches anything, unless `force`, which keeps that beside it.
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
  // Of several changes to one path only the last one has left what is there now.
  const later = new Set<string>();
  const conflicts = undos.flatMap((undo) => {
    const paths = undo.kind === "move" ? [undo.to, undo.from] : [undo.path];
    const conflict = later.has(paths[0]!) ? undefined : conflictOf(undo);
    for (const path of paths) later.add(path);
    return conflict === undefined ? [] : [{ undo, conflict }];
  });
  if (conflicts.length > 0 && !force) {
    throw new Fault(`The repairs cannot be taken back: ${conflicts[0]!.conflict}`, {
      lines: conflicts.slice(1).map(({ conflict }) => conflict),
      why: "Nothing was changed. With --force it is taken back all the same; what is there now is kept beside it.",
      fix: "openclaw doctor --undo --force",
    });
  }
  for (const undo of undos) {
    if (conflicts.some((each) => each.undo === undo)) setAside(undo, nowMs);
    await takeBack(undo, folder, paths, nowMs);
  }
  closeFix(folder);
  return {
    number: record.number,
    atMs: record.atMs,
    steps: record.steps.map(({ finding, does }) => ({ finding, does })).reverse(),
  };
}

/** What somebody has put there meanwhile gets another name. */
function setAside(undo: Undo, nowMs: number): void {
  const path = undo.kind === "move" ? undo.from : undo.path;
  if ((undo.kind === "bytes" || undo.kind === "move") && existsSync(path))
    copyFileSync(path, `${path}.before-undo.${nowMs}`);
  if (undo.kind === "move") rmSync(path, { force: true });
}
