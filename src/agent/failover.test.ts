import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, type FailedAttempt, type FailoverAction, RETRY_BUDGET_MS } from "./failover.ts";
import type { CallFailure } from "./provider.ts";

function attempt(facts: Partial<FailedAttempt>): FailedAttempt {
  return {
    failure: "overloaded",
    retryAfterMs: undefined,
    shown: false,
    triesHere: 1,
    calls: 1,
    sinceFirstFailureMs: 0,
    longContext: false,
    moreKeys: false,
    moreModels: false,
    canShrink: false,
    ...facts,
  };
}

/** What each class leads to: alone, with another key, with another model, with both. */
const CLASSES: Record<CallFailure, [FailoverAction, FailoverAction, FailoverAction, FailoverAction]> = {
  auth: ["stop", "next-key", "next-model", "next-key"],
  billing: ["stop", "next-key", "next-model", "next-key"],
  "rate-limit": ["retry", "next-key", "next-model", "next-key"],
  overloaded: ["retry", "retry", "retry", "retry"],
  network: ["retry", "retry", "retry", "retry"],
  malformed: ["retry", "retry", "retry", "retry"],
  timeout: ["stop", "stop", "next-model", "next-model"],
  "context-overflow": ["stop", "stop", "next-model", "next-model"],
  "long-context-denied": ["stop", "stop", "next-model", "next-model"],
  "model-not-found": ["stop", "stop", "next-model", "next-model"],
  rejected: ["stop", "stop", "next-model", "next-model"],
  refused: ["stop", "stop", "stop", "stop"],
  budget: ["stop", "stop", "stop", "stop"],
  aborted: ["stop", "stop", "stop", "stop"],
};
const LEFT = [
  { moreKeys: false, moreModels: false },
  { moreKeys: true, moreModels: false },
  { moreKeys: false, moreModels: true },
  { moreKeys: true, moreModels: true },
];
for (const [failure, wanted] of Object.entries(CLASSES) as [CallFailure, FailoverAction[]][]) {
  test(`after ${failure}: ${wanted.join(", ")}`, () => {
    const actions = LEFT.map((left) => decide(attempt({ failure, ...left })).action);
    assert.deepEqual(actions, wanted);
  });
  test(`after ${failure} nothing is said twice`, () => {
    const facts = { failure, shown: true, moreKeys: true, moreModels: true };
    assert.equal(decide(attempt(facts)).action, "stop");
  });
}

const CASES: { name: string; facts: Partial<FailedAttempt>; action: FailoverAction; waitMs?: number }[] = [
  {
    name: "a second failure of the same kind goes on",
    facts: { triesHere: 2, calls: 2, moreModels: true },
    action: "next-model",
  },
  {
    name: "a second failure without anybody else is the end",
    facts: { triesHere: 2, calls: 2 },
    action: "stop",
  },
  {
    name: "after three calls it is over",
    facts: { calls: 3, moreModels: true, moreKeys: true },
    action: "stop",
  },
  {
    name: "after ten seconds of trouble it is over",
    facts: { calls: 2, sinceFirstFailureMs: RETRY_BUDGET_MS, moreModels: true },
    action: "stop",
  },
  {
    name: "a wait that would end after the ten seconds is not begun",
    facts: { failure: "rate-limit", retryAfterMs: 2_000, sinceFirstFailureMs: 9_000 },
    action: "stop",
  },
  {
    name: "a short Retry-After is kept",
    facts: { failure: "rate-limit", retryAfterMs: 2_000 },
    action: "retry",
    waitMs: 2_000,
  },
  {
    name: "a long Retry-After is told, not waited for",
    facts: { failure: "rate-limit", retryAfterMs: 7_000 },
    action: "stop",
  },
  {
    name: "without Retry-After a limit gets one second",
    facts: { failure: "rate-limit" },
    action: "retry",
    waitMs: 1_000,
  },
  {
    name: "a long context that is denied is left out first",
    facts: { failure: "long-context-denied", longContext: true, moreModels: true },
    action: "retry-short-context",
  },
];
for (const { name, facts, action, waitMs } of CASES) {
  test(name, () => {
    const decision = decide(attempt(facts));
    assert.equal(decision.action, action);
    if (waitMs !== undefined) assert.equal(decision.waitMs, waitMs);
    assert.notEqual(decision.reason, "");
  });
}
