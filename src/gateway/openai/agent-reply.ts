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
  internal: 500,
  storage: 503,
};

export function refusalOf(outcome: Exclude<TurnOutcome, { kind: "answered" }>): HttpRefusal {
  switch (outcome.kind) {
    case "failed": {
      const status = STATUS_OF_FAILURE[outcome.failure] ?? 502;
      const type =
        outcome.failure === "internal" || outcome.failure === "storage" ? "internal_error" : "upstream_error";
      const seconds = outcome.retryAfterMs === undefined ? undefined : Math.ceil(outcome.retryAfterMs / 1000);
      return new HttpRefusal(
        status,
        type,
        outcome.error,
        seconds === undefined ? {} : { "retry-after": String(seconds) },
      );
    }
    case "put-back":
      return new HttpRefusal(503, "unavailable", "The gateway is stopping.", { "retry-after": "2" });
    case "aborted":
      return new HttpRefusal(503, "aborted", `The turn was aborted (${outcome.reason}).`);
    case "merged":
      return new HttpRefusal(409, "merged", `The message was answered together with run ${outcome.into}.`);
  }
}
