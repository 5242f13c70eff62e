/** What the request was waiting for when it ended; "network" is everything the network itself reported. */
export type OutboundPhase = "connect" | "first-byte" | "idle" | "total" | "network" | "aborted";

/** Names host, port and cause; never the path, the query or credentials. */
export class OutboundError extends Error {
  override readonly name = "OutboundError";
  readonly phase: OutboundPhase;
  /** As the system calls it, e.g. "ECONNREFUSED". */
  readonly code: string | undefined;

  constructor(phase: OutboundPhase, message: string, options: { code?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.phase = phase;
    this.code = options.code;
  }
}

/** A deadline that passed, in milliseconds. */
export function late(
  phase: "connect" | "first-byte" | "idle" | "total",
  host: string,
  ms: number,
): OutboundError {
  const said = {
    connect: "accepted no connection",
    "first-byte": "sent no answer",
    idle: "went silent in the middle of its answer",
    total: "did not finish its answer",
  }[phase];
  return new OutboundError(phase, `${host} ${said} within ${ms} ms`);
}

export function networkError(error: unknown, host: string): OutboundError {
  if (error instanceof OutboundError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  // One error per address of the host; the sum of them has no words of its own.
  const detail =
    error instanceof AggregateError ? error.errors.map((one) => one.message).join(", ") : message;
  const reason = code && !detail.includes(code) ? `${code}: ${detail}` : detail;
  return new OutboundError("network", `${host}: ${reason}`, { code, cause: error });
}

export function aborted(host: string, reason: unknown): OutboundError {
  return new OutboundError("aborted", `the request to ${host} was cancelled`, { cause: reason });
}
