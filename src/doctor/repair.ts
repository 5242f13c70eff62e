import { readMergedIfPossible } from "../config/merged.ts";
import type { WriteInput } from "../config/write.ts";
import { applyChange } from "./apply.ts";
import { touchedBy } from "./change.ts";
import type { Check } from "./check.ts";
import type { Facts } from "./facts.ts";
import type { Finding, Repair } from "./finding.ts";
import type { FixSession, FixStep } from "./fix-session.ts";
import { runChecks, type Selection } from "./run.ts";
import { conflictOf, saveBefore, settleUndo, takeBack } from "./undo-step.ts";

/**
 * `fixed`: the check was run again and does not see it any more. `not-fixed`: the change was made and it is still
 * there. `taken-back`: the change made things worse, so it was undone at once. `failed`: the change could not be made.
 */
export type Outcome = "fixed" | "not-fixed" | "taken-back" | "failed" | "declined";

export interface Repaired {
  finding: Finding;
  outcome: Outcome;
  /** What was done or stood in the way, one line each. */
  details: string[];
}

export interface RepairInput {
  checks: readonly Check[];
  selection: Selection;
  /** What is true now; asked again after every change. */
  facts(): Facts;
  /** False leaves the finding as it is. */
  may(finding: Repairable): Promise<boolean>;
  session: FixSession;
  config: Omit<WriteInput, "author" | "command">;
  signal: AbortSignal;
}

export type Repairable = Finding & { repair: Repair };

/** One repair may uncover the next problem; more rounds than this would mean that two repairs undo each other. */
const MAX_ROUNDS = 20;

/**
 * Detect, plan, apply, verify, until nothing is left that may be repaired. The repairs of one check are made at a time,
 * those of `config-file` first, because the others look at what it mends.
 */
export async function repairFindings(input: RepairInput): Promise<Repaired[]> {
  const { checks, selection, facts, may } = input;
  const done: Repaired[] = [];
  const tried = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS && !input.signal.aborted; round++) {
    const { findings } = await runChecks(checks, facts(), selection);
    const open = findings.filter(isRepairable).filter((finding) => !tried.has(keyOf(finding)));
    const next = open.find(({ check }) => check === "config-file") ?? open[0];
    if (!next) break;
    for (const finding of open.filter(({ check }) => check === next.check)) {
      tried.add(keyOf(finding));
      if (await may(finding)) done.push(await repairOne(finding, input));
      else done.push({ finding, outcome: "declined", details: [] });
    }
  }
  return done;
}

async function repairOne(finding: Repairable, input: RepairInput): Promise<Repaired> {
  const { session, facts } = input;
  const before = await facts().config();
  const details: string[] = [];
  const step: FixStep = { finding: finding.id, does: finding.repair.does, undo: [] };
  try {
    details.push(...(await makeChanges(finding, step, input)));
  } catch (error) {
    await undoStep(step, input);
    return { finding, outcome: "failed", details: [error instanceof Error ? error.message : String(error)] };
  }
  const after = facts();
  if (before.ok && !(await after.config()).ok) {
    await undoStep(step, input);
    return { finding, outcome: "taken-back", details: ["the config could not be used afterwards"] };
  }
  step.undo = settleUndo(step.undo, session.folder);
  session.settle();
  const check = input.checks.find(({ id }) => id === finding.check)!;
  const { findings } = await runChecks([check], after, { only: [check.id] });
  const isThere = findings.some((each) => evidenceOf(each) === evidenceOf(finding));
  return { finding, outcome: isThere ? "not-fixed" : "fixed", details };
}

async function makeChanges(finding: Repairable, step: FixStep, input: RepairInput): Promise<string[]> {
  const { session, config, facts } = input;
  const files = await configFiles(facts());
  const author = { kind: "doctor", name: finding.check } as const;
  session.begin(step);
  const details: string[] = [];
  for (const change of finding.repair.changes) {
    step.undo.push(...saveBefore(change, session.folder, touchedBy(change, files)));
    session.settle();
    details.push(...(await applyChange(change, { ...config, author, command: "doctor --fix" })));
  }
  return details;
}

/** The main file and what it includes, as far as they can be read. */
async function configFiles({ paths, configText }: Facts): Promise<string[]> {
  const file = configText();
  const merged = file.kind === "text" ? await readMergedIfPossible(file.text, paths.configPath) : undefined;
  return merged ? merged.sources.map((source) => source.file) : [paths.configPath];
}

async function undoStep(step: FixStep, { session, config: { paths }, facts }: RepairInput): Promise<void> {
  for (const undo of settleUndo(step.undo, session.folder).reverse()) {
    if (conflictOf(undo) === undefined) await takeBack(undo, session.folder, paths, facts().nowMs);
  }
  session.drop(step);
}

function isRepairable(finding: Finding): finding is Repairable {
  return finding.repair !== undefined;
}

function keyOf(finding: Repairable): string {
  return JSON.stringify([evidenceOf(finding), finding.repair.changes]);
}

function evidenceOf({ id, evidence }: Finding): string {
  return JSON.stringify([id, evidence]);
}
