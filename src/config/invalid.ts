import { Fault } from "../platform/fault.ts";

/** One thing that is wrong with the config. */
export interface Issue {
  /** As `formatPath` writes it; `<root>` for the file as a whole. */
  path: string;
  message: string;
  /** 1-based, where known. */
  line?: number;
  column?: number;
  /** Set when the problem is in an included file. */
  file?: string;
}

const MAX_LINES = 20;

/** The file cannot be used as it is. Nobody changes it but its owner: exit 78. */
export class InvalidConfig extends Fault {
  readonly issues: readonly Issue[];

  constructor(
    file: string,
    issues: readonly Issue[],
    options: { syntax?: string; why?: string; cause?: unknown } = {},
  ) {
    const first = issues[0];
    const place = `${first?.file ?? file}${first?.line === undefined ? "" : `:${first.line}:${first.column}`}`;
    const reason = options.syntax === undefined ? "" : ` — SyntaxError in config: ${options.syntax}`;
    super(`Invalid config at ${place}${reason}`, {
      lines: options.syntax === undefined ? issueLines(issues) : [],
      ...(options.why !== undefined && { why: options.why }),
      fix: "openclaw config validate",
      exitCode: 78,
      cause: options.cause,
    });
    this.issues = issues;
  }
}

/** `gateway.port: Invalid value: … (line 3, column 5)`, at most twenty and then how many more there are. */
export function issueLines(issues: readonly Issue[]): string[] {
  const lines = issues.slice(0, MAX_LINES).map(({ path, message, line, column, file }) => {
    const place = line === undefined ? "" : ` (${file ? `${file}, ` : ""}line ${line}, column ${column})`;
    return `${path}: ${message}${place}`;
  });
  if (issues.length > MAX_LINES) lines.push(`… and ${issues.length - MAX_LINES} more`);
  return lines;
}
