import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { openScope } from "./scope.ts";

/** Lets everything that only waits for promises happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

function testScope(name = "s", parentSignal?: AbortSignal) {
  const clock = handClock();
  const errors: string[] = [];
  const onError = (error: unknown, where: string) =>
    void errors.push(`${where}: ${(error as Error).message}`);
  return { clock, errors, scope: openScope(name, { clock, onError, parentSignal }) };
}

function disposable(name: string, log: string[]): Disposable {
  return { [Symbol.dispose]: () => void log.push(name) };
}

test("what a scope owns ends last owned first, after the signal, synchronous or not", async () => {
  const { scope } = testScope();
  const log: string[] = [];
  scope.own(disposable("first", log));
  scope.own({
    async [Symbol.asyncDispose]() {
      await settle();
      log.push("second, slowly");
    },
  });
  scope.child("inner").own(disposable("inner", log));
  scope.own(disposable("last", log));
  scope.signal.addEventListener("abort", () => log.push("signal"));
  await scope[Symbol.asyncDispose]();
  assert.deepEqual(log, ["signal", "last", "inner", "second, slowly", "first"]);
});

test("ending twice ends once", async () => {
  const { scope } = testScope();
  const log: string[] = [];
  scope.own(disposable("x", log));
  scope.signal.addEventListener("abort", () => void scope[Symbol.asyncDispose]());
  await Promise.all([scope[Symbol.asyncDispose](), scope[Symbol.asyncDispose]()]);
  await scope[Symbol.asyncDispose]();
  assert.deepEqual(log, ["x"]);
});

test("a task is waited for, and what it used ends after it", async () => {
  const { scope, errors } = testScope();
  const log: string[] = [];
  scope.own(disposable("database", log));
  scope.spawn("reader", async (signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await settle();
    log.push("reader");
    signal.throwIfAborted();
  });
  await scope[Symbol.asyncDispose]();
  assert.deepEqual(log, ["reader", "database"]);
  assert.deepEqual(errors, []);
});

test("errors of tasks, timers and disposals reach the owner with their place, never the process", async () => {
  const { scope, clock, errors } = testScope("gateway");
  const child = scope.child("cron");
  const fail = (message: string) => async () => {
    throw new Error(message);
  };
  scope.spawn("refresh", fail("async task"));
  scope.spawn("refresh", () => {
    throw new Error("sync task");
  });
  child.every(10, fail("tick"));
  child.after(10, () => {
    throw new Error("alarm");
  });
  scope.own({ [Symbol.asyncDispose]: fail("stuck") });
  clock.advance(10);
  await settle();
  await scope[Symbol.asyncDispose]();
  assert.deepEqual(errors.toSorted(), [
    "gateway/cron: timer: alarm",
    "gateway/cron: timer: tick",
    "gateway: end: stuck",
    "gateway: refresh: async task",
    "gateway: refresh: sync task",
  ]);
});

test("timers stop with their scope", async () => {
  const { scope, clock } = testScope();
  let runs = 0;
  scope.every(10, () => void runs++);
  scope.after(25, () => void runs++);
  clock.advance(20);
  await scope[Symbol.asyncDispose]();
  clock.advance(100);
  assert.equal(runs, 2);
});

test("a slow round is not overtaken by the next", async () => {
  const { scope, clock } = testScope();
  let runs = 0;
  const round = Promise.withResolvers<void>();
  scope.every(10, () => {
    runs++;
    return round.promise;
  });
  clock.advance(50);
  assert.equal(runs, 1);
  round.resolve();
  await settle();
  clock.advance(10);
  assert.equal(runs, 2);
  await scope[Symbol.asyncDispose]();
});

test("a part that does not end is reported and left behind", async () => {
  const { scope, clock, errors } = testScope();
  const log: string[] = [];
  scope.own(disposable("rest", log));
  scope.spawn("stuck", () => new Promise(() => {}));
  const ended = scope[Symbol.asyncDispose]();
  await settle();
  assert.deepEqual(log, []);
  clock.advance(5_000);
  await ended;
  assert.deepEqual(log, ["rest"]);
  assert.deepEqual(errors, ["s: end: did not end within 5000 ms"]);
});

test("an ended scope takes nothing any more, and what it is handed it ends", async () => {
  const { scope } = testScope();
  await scope[Symbol.asyncDispose]();
  const log: string[] = [];
  assert.throws(() => scope.own(disposable("late", log)), /s has ended/);
  assert.deepEqual(log, ["late"]);
  assert.throws(() => scope.spawn("x", () => assert.fail("ran")), /has ended/);
  assert.throws(() => scope.every(1, () => {}), /has ended/);
  assert.throws(() => scope.after(1, () => {}), /has ended/);
  assert.throws(() => scope.child("x"), /has ended/);
});

test("the parent's signal ends the scope, one that has aborted before too", async () => {
  const parent = new AbortController();
  const log: string[] = [];
  const { scope } = testScope("s", parent.signal);
  scope.own(disposable("owned", log));
  parent.abort();
  await settle();
  assert.deepEqual(log, ["owned"]);
  assert.equal(testScope("s", parent.signal).scope.signal.aborted, true);
});

test("a child can end alone and is then forgotten", async () => {
  const { scope } = testScope();
  const log: string[] = [];
  const child = scope.child("c");
  child.own(disposable("c", log));
  await child[Symbol.asyncDispose]();
  assert.deepEqual(log, ["c"]);
  assert.equal(scope.signal.aborted, false);
  await scope[Symbol.asyncDispose]();
  assert.deepEqual(log, ["c"]);
});
