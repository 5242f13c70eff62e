import type { Severity } from "./finding.ts";

/** One known failure, however many spellings it has. */
export interface Failure {
  id: string;
  area: string;
  severity: Severity;
  title: string;
  why: string;
  fix: string;
  other?: readonly string[];
  known: readonly string[];
  signatures: readonly string[];
  checks: readonly string[];
  missing?: string;
}

/** PLACEHOLDER until the catalogue lands. */
export async function findFailure(id: string): Promise<Failure | undefined> {
  return {
    id,
    area: "",
    severity: "error",
    title: id,
    why: "",
    fix: "",
    known: [],
    signatures: [],
    checks: [],
  };
}
