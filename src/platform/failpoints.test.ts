import assert from "node:assert/strict";
import { test } from "node:test";
import { readFaultPlan } from "./failpoints.ts";
import { Fault } from "./fault.ts";

test("without a plan every place is passed at once", () => {
  assert.equal(readFaultPlan(undefined).pass("start.beforeListen"), undefined);
  assert.equal(readFaultPlan("start.afterListen=throw").pass("start.beforeListen"), undefined);
});

test("a plan throws or waits where it says so", async () => {
  const { pass } = readFaultPlan("start.beforeListen=throw, start.afterListen=delay(1)");
  await assert.rejects(async () => await pass("start.beforeListen"), /failpoint start\.beforeListen/);
  await pass("start.afterListen");
});

test("the n-th time counts, and once", () => {
  const { hit } = readFaultPlan("run.midStream=throw@3");
  hit("run.midStream");
  hit("run.midStream");
  assert.throws(() => hit("run.midStream"), /failpoint run\.midStream/);
  hit("run.midStream");
});

for (const plan of ["start", "start.beforeListen=explode", "start.beforeListen=delay(x)", "=hang"]) {
  test(`a plan that is not understood is refused: ${plan}`, () =>
    assert.throws(
      () => readFaultPlan(plan),
      (error) => error instanceof Fault && error.exitCode === 78,
    ));
}
