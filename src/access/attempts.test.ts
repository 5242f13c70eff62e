import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { attemptSource } from "./attempt-source.ts";
import { type AttemptSource, DEFAULT_ATTEMPT_RULES, trackAttempts } from "./attempts.ts";

const RULES = { ...DEFAULT_ATTEMPT_RULES, maxAttempts: 3 };
const from = (ip: string): AttemptSource => attemptSource({ ip, localDirect: false }, undefined);
const here = attemptSource({ ip: "127.0.0.1", localDirect: true }, undefined);
const page = (origin: string) => attemptSource({ ip: "127.0.0.1", localDirect: true }, origin);

test("failed attempts lock their source and nobody else, each kind of credential for itself", () => {
  const clock = handClock();
  const attempts = trackAttempts(RULES, clock);
  for (let guess = 0; guess < 3; guess++) attempts.failed("shared-secret", from("203.0.113.1"));
  assert.equal(attempts.retryAfterMs("shared-secret", from("203.0.113.1")), 300_000);
  assert.equal(attempts.retryAfterMs("device-token", from("203.0.113.1")), 0);
  assert.equal(attempts.retryAfterMs("shared-secret", from("203.0.113.2")), 0);
  clock.advance(300_000);
  assert.equal(attempts.retryAfterMs("shared-secret", from("203.0.113.1")), 0);
});

test("attempts outside the window do not add up, success forgets its own kind", () => {
  const clock = handClock();
  const attempts = trackAttempts({ ...RULES, maxAttempts: 2, windowMs: 1_000 }, clock);
  const source = from("203.0.113.1");
  attempts.failed("shared-secret", source);
  clock.advance(1_500);
  attempts.failed("shared-secret", source);
  assert.equal(attempts.retryAfterMs("shared-secret", source), 0);
  attempts.failed("device-token", source);
  attempts.succeeded("shared-secret", source);
  attempts.failed("shared-secret", source);
  attempts.failed("device-token", source);
  assert.equal(attempts.retryAfterMs("shared-secret", source), 0);
  assert.ok(attempts.retryAfterMs("device-token", source) > 0);
});

test("[AUTH-04] on this machine answers to wrong secrets come one after the other, later and later, and nobody is locked out", () => {
  const clock = handClock();
  const attempts = trackAttempts(RULES, clock);
  const delays = Array.from({ length: 7 }, () => attempts.failed("shared-secret", here));
  assert.deepEqual(
    delays.map((penalty) => penalty.kind === "after" && penalty.delayMs),
    [250, 750, 1_750, 3_750, 7_750, 12_750, 17_750],
  );
  assert.equal(attempts.retryAfterMs("shared-secret", here), 0);
  const flood = Array.from({ length: 1_000 }, () => attempts.failed("shared-secret", here));
  assert.ok(flood.filter(({ kind }) => kind === "after").length < 20, "few answers wait at a time");
  assert.equal(attempts.retryAfterMs("shared-secret", here), 0);
});

test("[AUTH-04] one guess after the other waits a quarter of a second, then up to five", () => {
  const clock = handClock();
  const attempts = trackAttempts(RULES, clock);
  const delays = Array.from({ length: 7 }, () => {
    const penalty = attempts.failed("shared-secret", here);
    const delayMs = penalty.kind === "after" ? penalty.delayMs : Number.NaN;
    clock.advance(delayMs);
    return delayMs;
  });
  assert.deepEqual(delays, [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
});

test("this machine is like any other where the config says so", () => {
  const attempts = trackAttempts({ ...RULES, exemptLoopback: false }, handClock());
  for (let guess = 0; guess < 3; guess++) attempts.failed("shared-secret", here);
  assert.ok(attempts.retryAfterMs("shared-secret", here) > 0);
});

test("[AUTH-03] a page is counted by its origin; who invents origins gets one count for all of them", () => {
  const clock = handClock();
  const attempts = trackAttempts(RULES, clock);
  for (let guess = 0; guess < 3; guess++) attempts.failed("shared-secret", page("http://127.0.0.1:1"));
  assert.ok(attempts.retryAfterMs("shared-secret", page("http://127.0.0.1:1/")) > 0);
  assert.equal(attempts.retryAfterMs("shared-secret", page("http://localhost:1")), 0);
  assert.equal(attempts.retryAfterMs("shared-secret", here), 0);
  for (let port = 2; port < 1_000; port++) attempts.failed("shared-secret", page(`http://127.0.0.1:${port}`));
  assert.ok(attempts.retryAfterMs("shared-secret", page("http://127.0.0.1:5000")) > 0);
});

test("[DOS-22] a flood of invented sources does not grow without end", () => {
  const attempts = trackAttempts({ ...RULES, maxAttempts: 1 }, handClock());
  attempts.failed("shared-secret", from("first"));
  for (let at = 0; at < 10_000; at++) attempts.failed("shared-secret", from(`source-${at}`));
  assert.equal(attempts.retryAfterMs("shared-secret", from("first")), 0, "the oldest gave way");
  assert.ok(attempts.retryAfterMs("shared-secret", from("source-9999")) > 0);
});

const NETWORKS = [
  ["2001:db8:1:2:3:4:5:6", "ip 2001:db8:1:2::/64"],
  ["2001:db8:1:2::9", "ip 2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002:ffff::", "ip 2001:db8:1:2::/64"],
  ["2001:db8::1", "ip 2001:db8:0:0::/64"],
  ["203.0.113.9", "ip 203.0.113.9"],
  ["unknown", "ip unknown"],
] as const;
for (const [ip, key] of NETWORKS) {
  test(`[DOS-22] ${ip} is counted as ${key}`, () => assert.equal(from(ip).key, key));
}
