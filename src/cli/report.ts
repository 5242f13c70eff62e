import { Fault, faultLines } from "../platform/fault.ts";
import { printable } from "../platform/printable.ts";
import { ConnectionError } from "../protocol/client.ts";
import { GatewayError } from "../protocol/errors.ts";
import { type Io, paint, processIo } from "./io.ts";
import { UsageError } from "./usage.ts";

/** The one place that prints what went wrong. Returns the exit code. */
export function report(
  error: unknown,
  argv: readonly string[],
  io = processIo(argv.includes("--no-color")),
): number {
  if (error instanceof UsageError) {
    io.note(printable(`openclaw: ${error.message}`));
    io.note(`see: ${["openclaw", ...error.words, "--help"].join(" ")}`);
    return 2;
  }
  const fault = asFault(error);
  if (fault) {
    printFault(fault, io);
    return fault.exitCode;
  }
  io.note(printable(`internal error: ${error instanceof Error ? error.message : String(error)}`));
  if (argv.includes("--verbose")) io.note(stackOf(error));
  else io.note("  this is a bug; the same command with --verbose shows where it happened");
  return 1;
}

export function printFault(fault: Fault, io: Io): void {
  const { red, bold, dim } = paint(io.color.note);
  for (const [at, line] of faultLines(fault).entries()) {
    const [, fix] = /^ {2}fix: (.*)$/.exec(line) ?? [];
    if (fix !== undefined) io.note(`  ${dim("fix:")} ${bold(fix)}`);
    else io.note(at === 0 ? red(line) : line);
  }
}

/** What a gateway says to a call that reached it. Failures to reach it were faults before they came here. */
function asFault(error: unknown): Fault | undefined {
  if (error instanceof Fault) return error;
  if (error instanceof GatewayError) {
    const { hint, missingScope } = error.extras.details ?? {};
    const why =
      typeof missingScope === "string"
        ? "the gateway accepted this connection without that right; it grants it on its own machine"
        : typeof hint === "string"
          ? hint
          : undefined;
    return new Fault(`gateway call failed: ${error.message}`, { cause: error, ...(why && { why }) });
  }
  if (error instanceof ConnectionError) {
    return new Fault(`gateway connection lost: ${error.message}`, { fix: "openclaw status", cause: error });
  }
  return undefined;
}

function stackOf(error: unknown): string {
  const parts: string[] = [];
  for (let cause: unknown = error; cause instanceof Error && parts.length < 5; cause = cause.cause) {
    parts.push(cause.stack ?? cause.message);
  }
  return parts.join("\ncaused by: ");
}
