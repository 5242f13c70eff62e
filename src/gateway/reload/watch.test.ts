import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { handClock } from "../../../test/kit/clock.ts";
import { watchConfig } from "./watch.ts";

function openWatch() {
  const clock = handClock();
  let settled = 0;
  const watch = watchConfig({ clock, settleMs: () => 200, onSettled: () => settled++ });
  return { clock, watch, settled: () => settled, [Symbol.dispose]: () => watch[Symbol.dispose]() };
}

test("waits until nothing has moved for a while, then looks once", () => {
  using open = openWatch();
  for (let count = 0; count < 3; count++) {
    open.watch.poke();
    open.clock.advance(150);
  }
  assert.equal(open.settled(), 0);
  open.clock.advance(50);
  assert.equal(open.settled(), 1);
  open.clock.advance(60_000);
  assert.equal(open.settled(), 1);
});

test("who never stops writing is read once a second all the same", () => {
  using open = openWatch();
  for (let count = 0; count < 30; count++) {
    open.watch.poke();
    open.clock.advance(100);
  }
  assert.ok(open.settled() >= 2);
});

test("a change the file system says nothing about is found by the regular look", () => {
  const dir = mkdtempSync(join(tmpdir(), "openclaw-watch-"));
  try {
    using open = openWatch();
    // The folder does not exist, so nothing can report what happens in it.
    const file = join(dir, "later", "openclaw.json");
    open.watch.follow([file, join(dir, "other.json")]);
    open.clock.advance(5_000);
    assert.equal(open.settled(), 0);
    writeFileSync(join(dir, "other.json"), "{}");
    open.clock.advance(5_200);
    assert.equal(open.settled(), 1);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
