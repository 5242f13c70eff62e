import { printable } from "./printable.ts";

/** 1 failed, 2 bad usage, 75 temporary (a supervisor retries), 78 configuration (it must not restart). */
export type ExitCode = 1 | 2 | 75 | 78;

export interface FaultOptions {
  /** The likely cause, one sentence. */
  why?: string;
  /** The one command that fixes it. */
  fix?: string;
  /** Default 1. */
  exitCode?: ExitCode;
  cause?: unknown;
  /** Another spelling of `what` for the file log. */
  log?: string;
  /** Further lines printed after `what`, for example one per problem found. */
  lines?: readonly string[];
}

/** What a person sees: what happened, why here, the one command that fixes it. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly why: string | undefined;
  readonly fix: string | undefined;
  readonly exitCode: ExitCode;
  readonly log: string | undefined;
  readonly lines: readonly string[];

  constructor(what: string, options: FaultOptions = {}) {
    super(what, options.cause === undefined ? undefined : { cause: options.cause });
    this.why = options.why;
    this.fix = options.fix;
    this.exitCode = options.exitCode ?? 1;
    this.log = options.log;
    this.lines = options.lines ?? [];
  }
}

/** `what`, its further lines, then why and fix indented by two; no colours, nothing that steers a terminal. */
export function faultLines(fault: Fault): string[] {
  const lines = [...fault.message.split("\n"), ...fault.lines.flatMap((line) => line.split("\n"))];
  if (fault.why) lines.push(`  ${fault.why}`);
  if (fault.fix) lines.push(`  fix: ${fault.fix}`);
  return lines.map(printable);
}
