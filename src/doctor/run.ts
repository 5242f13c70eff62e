import type { CatalogueEntry } from "./catalogue.ts";
import type { Check } from "./check.ts";
import { boundFacts, type Facts } from "./facts.ts";
import type { Finding, Observation, Severity } from "./finding.ts";

export interface Selection {
  /** Ids of checks, or undefined for all that are not deep. */
  only?: readonly string[];
  skip?: readonly string[];
  deep?: boolean;
}

export interface Report {
  /** Worst first. */
  findings: Finding[];
  /** Ids of the checks that came to an answer. */
  checked: string[];
  skipped: string[];
  durationMs: number;
}

const DEADLINE_MS = 2_000;
const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Runs checks side by side, each until its deadline. Never throws for what a check does. */
export async function runChecks(
  checks: readonly Check[],
  facts: Facts,
  selection: Selection = {},
): Promise<Report> {
  const startedMs = performance.now();
  const chosen = checks.filter((check) => isChosen(check, selection));
  const outcomes = await Promise.all(chosen.map((check) => runOne(check, facts)));
  const findings = outcomes.flatMap(({ findings }) => findings);
  return {
    findings: findings.sort((a, b) => RANK[a.severity] - RANK[b.severity]),
    checked: chosen.filter((_, i) => outcomes[i]!.answered).map(({ id }) => id),
    skipped: checks.filter((check) => !chosen.includes(check)).map(({ id }) => id),
    durationMs: Math.round(performance.now() - startedMs),
  };
}

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return RANK[severity] <= RANK[least];
}

function isChosen({ id, deep }: Check, { only, skip = [], deep: wanted = false }: Selection): boolean {
  if (skip.includes(id)) return false;
  return only ? only.includes(id) : wanted || !deep;
}

async function runOne(check: Check, facts: Facts): Promise<{ findings: Finding[]; answered: boolean }> {
  const { deadlineMs = DEADLINE_MS } = check;
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = AbortSignal.any([facts.signal, deadline]);
  try {
    const observations = await Promise.race([look(check, boundFacts(facts, signal)), late(signal)]);
    return { findings: await Promise.all(observations.map((each) => complete(check, each))), answered: true };
  } catch (error) {
    const why = deadline.aborted
      ? `it had no answer after ${deadlineMs / 1_000} s`
      : error instanceof Error
        ? error.message
        : String(error);
    const evidence = [`check ${check.id} (${check.summary}): ${why}`];
    return { findings: [await complete(check, { id: "check-failed", evidence })], answered: false };
  }
}

async function look(check: Check, facts: Facts): Promise<readonly Observation[]> {
  const { reach, findings = [] } = check.where === "inside" ? await facts.gateway() : { reach: "inside" };
  if (reach === "inside") return await check.inspect(facts);
  return findings.filter((finding) => finding.check === check.id);
}

function late(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** The words of the catalogue, unless the check knows better. */
async function complete(check: Check, observation: Observation): Promise<Finding> {
  const { severity, title, why, fix } = await entryOf(observation.id);
  const given = Object.entries(observation).filter(([, value]) => value !== undefined);
  return { severity, title, why, fix, check: check.id, ...Object.fromEntries(given) } as Finding;
}

/** The catalogue is large, and most rounds find nothing. */
async function entryOf(id: string): Promise<CatalogueEntry> {
  const { findEntry } = await import("./catalogue.ts");
  const entry = findEntry(id);
  if (entry) return entry;
  throw new Error(`the catalogue has no failure "${id}"`);
}
