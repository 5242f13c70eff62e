import { Fault, type FaultOptions } from "../platform/fault.ts";
import type { Issue } from "./invalid.ts";

/**
 * "stale": the file is not what the caller has read. "invalid": the result would not load; see `issues`.
 * "rejected": a guard or an included file is in the way. "busy": others hold the file.
 */
export type WriteErrorKind = "stale" | "invalid" | "rejected" | "busy";

/** A write of the config that did not happen; the file is what it was. */
export class ConfigWriteError extends Fault {
  readonly kind: WriteErrorKind;
  readonly issues: readonly Issue[];

  constructor(kind: WriteErrorKind, what: string, options: FaultOptions & { issues?: readonly Issue[] }) {
    super(what, options);
    this.kind = kind;
    this.issues = options.issues ?? [];
  }
}
