import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { openCooldowns } from "./cooldowns.ts";
import type { ModelTarget } from "./provider.ts";

function target(model: string, apiKey = "a"): ModelTarget {
  return { provider: "p", model, api: "openai-completions", baseUrl: "http://p/v1", apiKey };
}

test("an overloaded model rests alone, a key that is not accepted rests with all its models", () => {
  const cooldowns = openCooldowns(handClock());
  cooldowns.begin(target("m"), "overloaded", undefined);
  assert.equal(cooldowns.of(target("m"))?.failure, "overloaded");
  assert.equal(cooldowns.of(target("n")), undefined);
  cooldowns.begin(target("m"), "auth", undefined);
  assert.equal(cooldowns.of(target("n"))?.failure, "auth");
  assert.equal(cooldowns.of(target("n", "another key")), undefined);
});

test("the rest gets longer with each failure in a row and is over with an answer", () => {
  const clock = handClock();
  const cooldowns = openCooldowns(clock);
  cooldowns.begin(target("m"), "overloaded", undefined);
  const first = cooldowns.of(target("m"))!.leftMs;
  clock.advance(first);
  assert.equal(cooldowns.of(target("m")), undefined);
  cooldowns.begin(target("m"), "overloaded", undefined);
  assert.equal(cooldowns.of(target("m"))!.leftMs, 2 * first);
  cooldowns.end(target("m"));
  assert.equal(cooldowns.of(target("m")), undefined);
});

test("the service's own word counts, and what says nothing about the model starts no rest", () => {
  const cooldowns = openCooldowns(handClock());
  cooldowns.begin(target("m"), "rate-limit", 7_000);
  assert.equal(cooldowns.of(target("m"))?.leftMs, 7_000);
  cooldowns.begin(target("n"), "context-overflow", undefined);
  assert.equal(cooldowns.of(target("n")), undefined);
});

test("a flood of different models is not remembered without bound", () => {
  const cooldowns = openCooldowns(handClock());
  for (let at = 0; at < 1_100; at++) cooldowns.begin(target(`m${at}`), "overloaded", undefined);
  assert.equal(cooldowns.of(target("m0")), undefined);
  assert.ok(cooldowns.of(target("m1099")));
});
