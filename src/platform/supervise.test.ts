import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { type Scope, type SuperviseOptions, supervise } from "./scope.ts";

/** Lets everything that only waits for promises happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

function supervised(
  body: (scope: Scope, start: number) => Promise<void>,
  options: Partial<SuperviseOptions> = {},
) {
  const clock = handClock();
  const errors: string[] = [];
  const parked: unknown[] = [];
  const log: string[] = [];
  let starts = 0;
  const handle = supervise(
    "chan",
    async (scope) => {
      const name = `end ${starts}`;
      scope.own({ [Symbol.dispose]: () => void log.push(name) });
      await body(scope, starts++);
    },
    {
      clock,
      onError: (error, where) => void errors.push(`${where}: ${(error as Error).message}`),
      onParked: (reason) => void parked.push((reason as Error).message),
      ...options,
    },
  );
  return { clock, errors, parked, log, handle, starts: () => starts };
}

test("a body that fails is ended and started again after a pause that grows", async () => {
  const run = supervised(async (_scope, start) => {
    if (start < 3) throw new Error(`failure ${start}`);
  });
  for (const pauseMs of [250, 500, 1_000]) {
    await settle();
    assert.equal(run.handle.state(), "restarting");
    const before = run.starts();
    run.clock.advance(pauseMs - 1);
    assert.equal(run.starts(), before);
    run.clock.advance(1);
    assert.equal(run.starts(), before + 1);
  }
  await settle();
  assert.equal(run.handle.state(), "running");
  assert.deepEqual(run.log, ["end 0", "end 1", "end 2"]);
  assert.deepEqual(run.errors, ["chan: body: failure 0", "chan: body: failure 1", "chan: body: failure 2"]);
  await run.handle[Symbol.asyncDispose]();
  assert.deepEqual(run.log.at(-1), "end 3");
});

test("more than the allowed failures in the window park it with the last reason", async () => {
  const run = supervised(
    async (_scope, start) => {
      throw new Error(`failure ${start}`);
    },
    { max: 3, perMs: 60_000, backoffMs: () => 100 },
  );
  for (let n = 0; n < 10; n++) {
    await settle();
    run.clock.advance(100);
  }
  assert.equal(run.handle.state(), "parked");
  assert.equal(run.starts(), 4);
  assert.deepEqual(run.parked, ["failure 3"]);
  run.clock.advance(3_600_000);
  assert.equal(run.starts(), 4);
  await run.handle[Symbol.asyncDispose]();
  assert.equal(run.handle.state(), "stopped");
});

test("failures that lie far apart never park it", async () => {
  const run = supervised(
    async () => {
      throw new Error("again");
    },
    { max: 2, perMs: 1_000, backoffMs: () => 600 },
  );
  for (let n = 0; n < 20; n++) {
    await settle();
    run.clock.advance(600);
  }
  assert.equal(run.handle.state(), "running");
  assert.equal(run.starts(), 21);
  assert.deepEqual(run.parked, []);
  await run.handle[Symbol.asyncDispose]();
});

const FAILING_PARTS: Record<string, (scope: Scope) => void> = {
  "a task, later": (scope) =>
    scope.spawn("socket", async () => {
      await settle();
      throw new Error("later");
    }),
  "a task, at once": (scope) =>
    scope.spawn("socket", () => {
      throw new Error("at once");
    }),
  "a timer": (scope) =>
    scope.after(1, () => {
      throw new Error("timer");
    }),
  "a child's task": (scope) =>
    scope.child("c").spawn("x", async () => {
      throw new Error("child");
    }),
};
for (const [name, arrange] of Object.entries(FAILING_PARTS)) {
  test(`${name} that fails in a body that has returned restarts it, once`, async () => {
    const run = supervised(async (scope, start) => {
      if (start === 0) arrange(scope);
    });
    run.clock.advance(1);
    await settle();
    await settle();
    assert.equal(run.handle.state(), "restarting");
    run.clock.advance(250);
    await settle();
    assert.deepEqual([run.handle.state(), run.starts(), run.errors.length], ["running", 2, 1]);
    await run.handle[Symbol.asyncDispose]();
  });
}

test("two parts that fail together are one failure", async () => {
  const run = supervised(async (scope, start) => {
    if (start > 0) return;
    for (const name of ["a", "b"]) {
      scope.spawn(name, async () => {
        throw new Error(name);
      });
    }
  });
  await settle();
  run.clock.advance(250);
  await settle();
  assert.deepEqual([run.starts(), run.errors.length], [2, 2]);
  await run.handle[Symbol.asyncDispose]();
});

test("stopping while it waits to restart keeps it stopped", async () => {
  const run = supervised(async () => {
    throw new Error("x");
  });
  await settle();
  await run.handle[Symbol.asyncDispose]();
  run.clock.advance(60_000);
  assert.equal(run.handle.state(), "stopped");
  assert.equal(run.starts(), 1);
});
