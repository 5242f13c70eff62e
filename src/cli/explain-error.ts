import type { CatalogueEntry } from "../doctor/catalogue.ts";
import { CHECKS } from "../doctor/checks.gen.ts";
import { recognise } from "../doctor/recognise.ts";
import { readable } from "../doctor/recognise-pattern.ts";
import type { CommandContext } from "./context.ts";
import type { ReportedFinding } from "./doctor-report.ts";
import { examine } from "./run-doctor.ts";

/** What `openclaw explain --json` prints. */
export interface Explanation {
  /** Best first; empty when no known message stands in the text. */
  recognised: Meaning[];
  /** Of the best one: the checks that were run on this machine, and what they see. */
  checks: string[];
  findings: ReportedFinding[];
}

export interface Meaning extends Pick<CatalogueEntry, "id" | "severity" | "title" | "why" | "fix"> {
  other: readonly string[];
  /** The feature it belongs to, when this version does not have it. */
  missing?: string;
  /** 0 to 1. */
  score: number;
  how: "exact" | "cut" | "similar";
  /** The known text it was recognised by. */
  spelling: string;
}

export async function explainHere(
  text: string,
  { runChecks }: { runChecks: boolean },
  context: CommandContext,
): Promise<Explanation> {
  const found = recognise(text);
  const [best] = found;
  const recognised = found.map(({ entry, score, how, spelling }): Meaning => {
    const { id, severity, title, why, fix, other = [], missing } = entry;
    return {
      id,
      severity,
      title,
      why,
      fix,
      other,
      ...(missing !== undefined && { missing }),
      score,
      how,
      spelling: readable(spelling),
    };
  });
  const checks =
    runChecks && best ? best.entry.checks.filter((id) => CHECKS.some((each) => each.id === id)) : [];
  if (checks.length === 0) return { recognised, checks: [], findings: [] };
  const { findings } = await examine({ selection: { only: checks, deep: true }, least: "info" }, context);
  return { recognised, checks: [...checks], findings };
}
