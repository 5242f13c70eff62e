import assert from "node:assert/strict";
import { test } from "node:test";
import { openLanes, type QueuedTurn } from "./lanes.ts";

/** A turn that ends when the test says so. */
function turn(lane: string, runId: string, merge?: (into: string) => string) {
  const finished = Promise.withResolvers<string>();
  const started = Promise.withResolvers<AbortSignal>();
  const queued: QueuedTurn<string> = {
    lane,
    runId,
    run(signal) {
      started.resolve(signal);
      return finished.promise;
    },
    ...(merge && { merge, joins: "steer" as const }),
  };
  return { queued, started: started.promise, finish: finished.resolve, fail: finished.reject };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("turns of one lane run one after the other, in order of arrival", async () => {
  const lanes = openLanes<string>(4);
  const first = turn("a", "1");
  const second = turn("a", "2");
  const ends = [lanes.enqueue(first.queued), lanes.enqueue(second.queued)];
  await first.started;
  assert.deepEqual(lanes.activeRunIds("a"), ["1"]);
  first.finish("one");
  await second.started;
  second.finish("two");
  assert.deepEqual(await Promise.all(ends), ["one", "two"]);
  assert.equal(lanes.size(), 0);
});

test("a turn that throws does not block the next one", async () => {
  const lanes = openLanes<string>(4);
  const broken = turn("a", "1");
  const next = turn("a", "2");
  const failed = lanes.enqueue(broken.queued);
  const done = lanes.enqueue(next.queued);
  broken.fail(new Error("broken"));
  await assert.rejects(failed, /broken/);
  next.finish("fine");
  assert.equal(await done, "fine");
});

test("lanes run side by side up to the cap, and the cap is fair to all of them", async () => {
  const lanes = openLanes<string>(2);
  const turns = ["a", "b", "c"].map((name) => turn(name, name));
  const ends = turns.map(({ queued }) => lanes.enqueue(queued));
  await settled();
  assert.deepEqual(lanes.activeRunIds("c"), []);
  turns[0]!.finish("a");
  await turns[2]!.started;
  turns[1]!.finish("b");
  turns[2]!.finish("c");
  assert.deepEqual(await Promise.all(ends), ["a", "b", "c"]);
});

test("abort reaches the running turn and the waiting ones, and names them", async () => {
  const lanes = openLanes<string>(4);
  const running = turn("a", "1");
  const waiting = turn("a", "2");
  const ends = [lanes.enqueue(running.queued), lanes.enqueue(waiting.queued)];
  const signal = await running.started;
  assert.deepEqual(lanes.abort("a", undefined, "rpc"), ["1", "2"]);
  assert.equal(signal.reason, "rpc");
  running.finish("stopped");
  const later = await waiting.started;
  assert.equal(later.aborted, true, "a waiting turn learns that it was aborted before it began");
  waiting.finish("stopped too");
  await Promise.all(ends);
  assert.deepEqual(lanes.abort("a", undefined, "rpc"), []);
});

test("abort of one run leaves the others alone", async () => {
  const lanes = openLanes<string>(4);
  const running = turn("a", "1");
  const end = lanes.enqueue(running.queued);
  const signal = await running.started;
  assert.deepEqual(lanes.abort("a", "other", "rpc"), []);
  assert.equal(signal.aborted, false);
  running.finish("x");
  await end;
});

test("a steered turn leaves the lane with what merging it returned; others stay", async () => {
  const lanes = openLanes<string>(4);
  const running = turn("a", "1");
  const plain = turn("a", "2");
  const steered = turn("a", "3", (into) => `merged into ${into}`);
  const ends = [running, plain, steered].map(({ queued }) => lanes.enqueue(queued));
  await running.started;
  assert.deepEqual(
    lanes.takeSteered("a", "1").map(({ runId }) => runId),
    ["3"],
  );
  assert.equal(await ends[2], "merged into 1");
  running.finish("one");
  plain.finish("two");
  assert.deepEqual(await Promise.all(ends), ["one", "two", "merged into 1"]);
  assert.equal(lanes.size(), 0);
});

test("drained resolves when the last turn is over", async () => {
  const lanes = openLanes<string>(4);
  await lanes.drained();
  const only = turn("a", "1");
  const end = lanes.enqueue(only.queued);
  let drained = false;
  const watch = lanes.drained().then(() => {
    drained = true;
  });
  await settled();
  assert.equal(drained, false);
  only.finish("x");
  await Promise.all([end, watch]);
});

test("a turn that waits for something keeps its lane and nobody else's place", async () => {
  const lanes = openLanes<string>(1);
  const go = Promise.withResolvers<void>();
  const held = turn("a", "held");
  const behind = turn("a", "behind");
  const other = turn("b", "other");
  const ends = [
    lanes.enqueue({ ...held.queued, startWhen: go.promise }),
    lanes.enqueue(behind.queued),
    lanes.enqueue(other.queued),
  ];
  await other.started;
  assert.deepEqual(lanes.activeRunIds("a"), []);
  other.finish("other");
  await ends[2];
  await settled();
  assert.deepEqual(lanes.activeRunIds("a"), []);
  go.resolve();
  await held.started;
  held.finish("held");
  await behind.started;
  behind.finish("behind");
  assert.deepEqual(await Promise.all(ends), ["held", "behind", "other"]);
  assert.equal(lanes.size(), 0);
});

test("an abort ends the waiting of a turn that is held", async () => {
  const lanes = openLanes<string>(1);
  const held = turn("a", "held");
  const end = lanes.enqueue({ ...held.queued, startWhen: new Promise(() => {}) });
  lanes.abortAll("stop");
  assert.equal((await held.started).aborted, true);
  held.finish("put back");
  assert.equal(await end, "put back");
});
