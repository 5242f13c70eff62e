import type { Facts } from "./facts.ts";
import type { Observation } from "./finding.ts";

/**
 * One question about this machine. `inspect` only looks: it changes nothing, also nothing on the way such as a lock
 * file. Throwing or being late is reported as such and stops nobody else.
 */
export interface Check {
  /** Kebab-case; the file is named after it. */
  id: string;
  /** What it looks at, one line without a full stop. */
  summary: string;
  /**
   * `anywhere`: from the command line, with or without a gateway, and inside the gateway as well. `outside`: only from
   * the command line. `inside`: only the gateway knows; the command line asks the one that runs.
   */
  where: "anywhere" | "outside" | "inside";
  /** Takes longer or asks others: only with --deep, --all or by name. */
  deep?: true;
  /** How long it may take; two seconds, unless it has a lot to read. */
  deadlineMs?: number;
  inspect(facts: Facts): readonly Observation[] | Promise<readonly Observation[]>;
}

export function defineCheck(check: Check): Check {
  return check;
}
