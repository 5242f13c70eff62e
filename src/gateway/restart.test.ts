import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { Fault } from "../platform/fault.ts";
import { nullLog } from "../platform/log.ts";
import { openRestart } from "./restart.ts";

test("wishes that come together are one, and whoever asked is answered before it begins", async () => {
  const clock = handClock();
  let checks = 0;
  let begun = false;
  const restart = openRestart({
    clock,
    log: nullLog(),
    requireStartable: async () => void checks++,
    onRefused: assert.fail,
  });
  void restart.requested.then(() => {
    begun = true;
  });
  await Promise.all([restart.request("one"), restart.request("two")]);
  await restart.request("three");
  await new Promise(setImmediate);
  assert.deepEqual([checks, begun], [1, false]);
  clock.advance(1_000);
  await restart.requested;
});

test("a config that would not start is refused, and the next wish is looked at anew", async () => {
  const clock = handClock();
  const refused: string[] = [];
  let broken = true;
  const restart = openRestart({
    clock,
    log: nullLog(),
    async requireStartable() {
      if (broken) throw new Fault("Invalid config", { exitCode: 78 });
    },
    onRefused: ({ message }) => refused.push(message),
  });
  await assert.rejects(restart.request("one"), /Invalid config/);
  assert.deepEqual(refused, ["Invalid config"]);
  broken = false;
  await restart.request("two");
  clock.advance(1_000);
  assert.equal(await restart.requested, "restart");
});
