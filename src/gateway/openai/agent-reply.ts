import type { RunEvent } from "../../agent/loop.ts";
import type { TurnOutcome } from "../../turn/outcome.ts";
import { HttpRefusal } from "../route.ts";

/** How a turn becomes an answer: all at once, or piece by piece. */
export interface AgentReply {
  watch(event: RunEvent): void;
  end(outcome: TurnOutcome): void;
}

const STATUS_OF_FAILURE: Record<string, number> = {
  "rate-limit": 429,
  overloaded: 503,
  timeout: 504,
  "long-context-denied": 429,
  "context-overflow": 400,
  "model-not-found": 400,
  budget: 429,
  internal: 500,
  storage: 503,
};

/** Everything else came from the upstream. */
const TYPE_OF_FAILURE: Record<string, string> = {
  internal: "internal_error",
  storage: "internal_error",
  budget: "insufficient_quota",
};

export function refusalOf(outcome: Exclude<TurnOutcome, { kind: "answered" }>): HttpRefusal {
  switch (outcome.kind) {
    case "failed":
      return refusalOfFailure(outcome.failure, outcome.error, outcome.retryAfterMs);
    case "put-back":
      return new HttpRefusal(503, "unavailable", "The gateway is stopping.", { "retry-after": "2" });
    case "aborted":
      return new HttpRefusal(503, "aborted", `The turn was aborted (${outcome.reason}).`);
    case "merged":
      return new HttpRefusal(409, "merged", `The message was answered together with run ${outcome.into}.`);
  }
}

/** The upstream's own status where it has a meaning for the caller, and how long it wants to be left alone. */
export function refusalOfFailure(
  failure: string,
  message: string,
  retryAfterMs: number | undefined,
): HttpRefusal {
  return new HttpRefusal(
    STATUS_OF_FAILURE[failure] ?? 502,
    TYPE_OF_FAILURE[failure] ?? "upstream_error",
    message,
    retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1000)) },
  );
}
