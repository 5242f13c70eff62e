import { setTimeout as sleep } from "node:timers/promises";
import type { Check } from "../doctor/check.ts";
import { CHECKS } from "../doctor/checks.gen.ts";
import { type Facts, openFacts } from "../doctor/facts.ts";
import type { Finding, Severity } from "../doctor/finding.ts";
import { openFixSession } from "../doctor/fix-session.ts";
import { planLines } from "../doctor/plan.ts";
import { type Repairable, type Repaired, repairFindings } from "../doctor/repair.ts";
import { isAtLeast, type Report, runChecks, type Selection } from "../doctor/run.ts";
import { systemHost } from "../platform/host.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import type { CommandContext } from "./context.ts";
import type { DoctorReport, ReportedFinding } from "./doctor-report.ts";
import { viewGateway } from "./gateway-view.ts";
import { didYouMean, UsageError } from "./usage.ts";
import { viewOwnDevice } from "./view-own-device.ts";
import { askYesNo } from "./yes-no.ts";

const FOLLOW_MS = 3_000;
const FOLLOW_POLL_MS = 100;

interface SelectionArgs {
  only: string | undefined;
  skip: string | undefined;
  deep: boolean;
  all: boolean;
}

/** Throws `UsageError` for a check that does not exist. */
export function selectChecks({ only, skip, deep, all }: SelectionArgs): Selection {
  return {
    ...(only !== undefined && { only: checkIds(only) }),
    ...(skip !== undefined && { skip: checkIds(skip) }),
    deep: deep || all,
  };
}

/** Other programs put a path in front of the name. */
function checkIds(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim().replace(/^.*\//, ""))
    .filter((word) => word !== "")
    .map((id) => {
      if (CHECKS.some((check) => check.id === id)) return id;
      const close = CHECKS.find((check) => check.id.startsWith(id) || id.startsWith(check.id));
      throw new UsageError(`there is no check "${id}"${didYouMean(close?.id)}`, ["doctor"]);
    });
}

export interface ExamineInput {
  selection: Selection;
  least: Severity;
}

export async function examine(
  { selection, least }: ExamineInput,
  context: CommandContext,
): Promise<DoctorReport> {
  const facts = factsHere(context, selection);
  return await reported(await runChecks(CHECKS, facts, selection), facts, least);
}

export interface RepairHereInput extends ExamineInput {
  yes: boolean;
  force: boolean;
  ask: boolean;
}

export async function repairHere(input: RepairHereInput, context: CommandContext): Promise<DoctorReport> {
  const { selection, least } = input;
  const { paths, env } = context;
  const facts = () => factsHere(context, selection);
  const repaired = await repairFindings({
    checks: CHECKS as readonly Check[],
    selection,
    facts,
    may: (finding) => isAllowed(finding, input, context),
    session: openFixSession(paths, Date.now()),
    config: { paths, env, version: PRODUCT_VERSION },
    signal: context.signal,
  });
  const after = await settled(facts, repaired);
  const report = await reported(await runChecks(CHECKS, after, selection), after, least);
  return { ...report, repairs: repaired.map(reportedRepair) };
}

/** A running gateway follows its config within a moment; what it says before that is no verdict on the repair. */
async function settled(facts: () => Facts, repaired: readonly Repaired[]): Promise<Facts> {
  if (!repaired.some(({ outcome }) => outcome === "fixed")) return facts();
  const deadline = performance.now() + FOLLOW_MS;
  for (;;) {
    const now = facts();
    const { findings = [] } = await now.gateway();
    const behind = findings.some(({ id }) => id === "config-not-in-force");
    if (!behind || performance.now() > deadline) return now;
    await sleep(FOLLOW_POLL_MS);
  }
}

/** Puts back what the newest repairs have changed. Does not look at anything else. */
export async function takeBackHere(
  { force }: { force: boolean },
  { paths }: CommandContext,
): Promise<DoctorReport> {
  const { undoNewestFix } = await import("../doctor/undo.ts");
  const { steps } = await undoNewestFix(paths, { nowMs: Date.now(), force });
  return { ok: true, findings: [], checksRun: 0, checksSkipped: 0, durationMs: 0, undone: steps };
}

/** What is safe is what --fix is for. The rest takes --force, or a person who says yes to just that. */
async function isAllowed(
  finding: Repairable,
  { yes, force, ask }: RepairHereInput,
  { io }: CommandContext,
): Promise<boolean> {
  if (finding.repair.level === "safe" || force || yes) return true;
  if (!ask || !io.watched || !process.stdin.isTTY) return false;
  return await askYesNo(`${finding.title}\nShall I ${finding.repair.does}?`);
}

function factsHere(context: CommandContext, selection: Selection): Facts {
  const { paths, env } = context;
  return openFacts(
    {
      paths,
      env,
      version: PRODUCT_VERSION,
      nowMs: Date.now(),
      host: systemHost(env),
      deep: selection.deep ?? false,
      gateway: () => viewGateway(context),
      ownDevice: () => viewOwnDevice(context),
    },
    context.signal,
  );
}

async function reported(report: Report, facts: Facts, least: Severity): Promise<DoctorReport> {
  const { findings, checked, skipped, durationMs } = report;
  const shown = findings.filter(({ severity }) => isAtLeast(severity, least));
  return {
    ok: !findings.some(({ severity }) => severity === "error"),
    findings: await Promise.all(shown.map((finding) => reportedFinding(finding, facts))),
    checksRun: checked.length,
    checksSkipped: skipped.length,
    durationMs,
  };
}

async function reportedFinding({ repair, place, ...rest }: Finding, facts: Facts): Promise<ReportedFinding> {
  if (!repair) return { ...rest, ...place };
  const { does, level, changes } = repair;
  return { ...rest, ...place, repair: { does, level, plan: await planLines(changes, facts) } };
}

function reportedRepair({ finding, outcome, details }: Repaired) {
  const { id, check, title } = finding;
  return { id, check, title, does: finding.repair!.does, outcome, details };
}
