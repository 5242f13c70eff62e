import type { Change } from "./change.ts";

/** `error`: the gateway does not start, or what it promises does not hold. `warning`: it will hurt. `info`: good to know. */
export type Severity = "info" | "warning" | "error";

/** Something a check has seen on this machine. What the catalogue says about `id` is not repeated here. */
export interface Observation {
  /** The failure of the catalogue it is. */
  id: string;
  /** What was seen that proves it, one line each: paths, figures, texts. Never a secret. */
  evidence: readonly string[];
  /** These four stand in for those of the catalogue where something more exact is known here. */
  severity?: Severity;
  title?: string;
  why?: string;
  /** The one command that mends it. */
  fix?: string;
  place?: Place;
  repair?: Repair;
}

/** Where in the config, or in which file, it is. */
export interface Place {
  /** As `formatPath` writes it. */
  path?: string;
  file?: string;
  /** 1-based. */
  line?: number;
  column?: number;
}

/** What `doctor --fix` does about it. Planned while looking, carried out by the repairer, which can take it back. */
export interface Repair {
  /** What it does, in the imperative: "remove the text in front of the config". */
  does: string;
  /** `safe`: done by --fix. `force`: what is usable may be left behind, so it takes --force or a yes. */
  level: "safe" | "force";
  changes: readonly Change[];
}

/** An observation with everything a person needs to act on it. */
export interface Finding extends Observation {
  check: string;
  severity: Severity;
  title: string;
  why: string;
  fix: string;
}
