import type { Issue } from "../config/invalid.ts";
import { readMerged } from "../config/merged.ts";
import type { Fault } from "../platform/fault.ts";
import type { Facts } from "./facts.ts";
import type { Observation, Place } from "./finding.ts";
import { findGoodText } from "./good-text.ts";
import { planInvalidEdits } from "./invalid-edits.ts";
import { restoreRepair } from "./text-repair.ts";

export interface BrokenValues {
  text: string;
  fault: Fault;
  issues: readonly Issue[];
  evidence: readonly string[];
  place?: Place;
}

/** Every edit reads the text anew. More than this nobody mistypes, and it would take more than a second. */
const MAX_EDITED_CHARS = 10_000_000;

/** A config that can be read and is not valid, and the edits that make it so. */
export async function observeBrokenValues(broken: BrokenValues, facts: Facts): Promise<Observation> {
  const { text, fault, issues, evidence, place } = broken;
  const { paths, env } = facts;
  const found: Observation = { id: "config-invalid", evidence, place };
  const [first] = issues;
  if (!first) return { ...found, why: fault.why, fix: fault.fix };

  const good = await findGoodText(facts);
  const isBeyondEdits = issues.length * text.length > MAX_EDITED_CHARS;
  if (isBeyondEdits || issues.some(({ message }) => message.startsWith("Reserved key")))
    return { ...found, ...(good && restoreRepair(good)) };
  const { value } = await readMerged(text, paths.configPath);
  const edits = await planInvalidEdits({
    text,
    value,
    issues,
    good: good?.loaded.source,
    load: { paths, env },
  });
  if (edits) {
    const changes = [{ kind: "config-edits" as const, edits }];
    return { ...found, repair: { does: "correct these keys", level: "safe", changes } };
  }
  const [, variable] = /^Environment variable (\w+) is not set/.exec(first.message) ?? [];
  return variable === undefined ? found : { ...found, why: fault.why, fix: `export ${variable}=<value>` };
}
