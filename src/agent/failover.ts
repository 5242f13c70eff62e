import type { CallFailure } from "./provider.ts";

/** A model call that went wrong, and what is left to try. */
export interface FailedAttempt {
  failure: CallFailure;
  /** What the service asked for. */
  retryAfterMs: number | undefined;
  /** Text of the answer reached whoever watches: nothing may be said twice. */
  shown: boolean;
  /** Calls with this key and model so far, this one included. */
  triesHere: number;
  /** Calls for this step so far, this one included. */
  calls: number;
  /** Since the first of them failed. */
  sinceFirstFailureMs: number;
  /** The call asked for the long window. */
  longContext: boolean;
  moreKeys: boolean;
  moreModels: boolean;
  /** The conversation can be made shorter, and was not for this reason yet. */
  canShrink: boolean;
}

export type FailoverAction = "retry" | "retry-short-context" | "compact" | "next-key" | "next-model" | "stop";

export interface FailoverDecision {
  action: FailoverAction;
  waitMs: number;
  /** For the log and the run's record. */
  reason: string;
}

/** R13: a client that waits hears of trouble within ten seconds, and a sick service gets no more than three calls. */
export const MAX_CALLS = 3;
export const RETRY_BUDGET_MS = 10_000;
const MAX_WAIT_FOR_SERVICE_MS = 3_000;

/** What to do where the same call may go better the next time; every other class repeats itself. */
const RETRY_AFTER_MS: Partial<Record<CallFailure, number>> = {
  "rate-limit": 1_000,
  overloaded: 500,
  network: 250,
  malformed: 0,
};
/** Another key of the same account or service may be in order. */
const OF_THE_KEY: ReadonlySet<CallFailure> = new Set(["auth", "billing", "rate-limit"]);
/** Nobody else is asked: the owner's wish, or a filter that is not to be got around. */
const FINAL: ReadonlySet<CallFailure> = new Set(["aborted", "refused", "budget"]);
const FINAL_REASON: Partial<Record<CallFailure, string>> = {
  aborted: "aborted",
  budget: "the budget is used up",
};

/** Pure: same attempt, same decision. */
export function decide(attempt: FailedAttempt): FailoverDecision {
  const { failure, shown, calls, sinceFirstFailureMs, moreKeys, moreModels } = attempt;
  if (FINAL.has(failure)) return stop(FINAL_REASON[failure] ?? "refused by the service");
  if (shown) return stop("a part of the answer was already shown");
  if (calls >= MAX_CALLS) return stop(`${calls} calls were made`);
  if (sinceFirstFailureMs >= RETRY_BUDGET_MS) return stop("the time for retries is used up");

  if (failure === "long-context-denied" && attempt.longContext) {
    return { action: "retry-short-context", waitMs: 0, reason: "the same without the long context" };
  }
  if (failure === "context-overflow" && attempt.canShrink) {
    return { action: "compact", waitMs: 0, reason: "the same with a shorter conversation" };
  }
  if (moreKeys && OF_THE_KEY.has(failure)) {
    return { action: "next-key", waitMs: 0, reason: "another key of this provider" };
  }
  const waitMs = waitFor(attempt);
  // A limit is not waited for while somebody else could answer.
  const goesOn = moreModels && failure === "rate-limit";
  if (waitMs !== undefined && attempt.triesHere < 2 && !goesOn) {
    if (sinceFirstFailureMs + waitMs < RETRY_BUDGET_MS) {
      return { action: "retry", waitMs, reason: "it may pass" };
    }
  }
  if (moreModels) return { action: "next-model", waitMs: 0, reason: "the next model of fallbacks" };
  return stop(waitMs === undefined ? "it would happen again" : "nothing else is left to try");
}

function waitFor({ failure, retryAfterMs }: FailedAttempt): number | undefined {
  const usual = RETRY_AFTER_MS[failure];
  if (usual === undefined) return undefined;
  if (retryAfterMs === undefined) return usual;
  return retryAfterMs <= MAX_WAIT_FOR_SERVICE_MS ? Math.max(usual, retryAfterMs) : undefined;
}

function stop(reason: string): FailoverDecision {
  return { action: "stop", waitMs: 0, reason };
}
