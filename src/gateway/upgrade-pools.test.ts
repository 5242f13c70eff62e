import assert from "node:assert/strict";
import { test } from "node:test";
import { openUpgradePools } from "./upgrade-pools.ts";

function crowd(maxPerIp: number) {
  const evicted: string[] = [];
  const pools = openUpgradePools(() => maxPerIp);
  const enter = (name: string, ip: string, origin: "absent" | "allowed" | "denied" = "absent") =>
    pools.enter({ evict: () => void evicted.push(name) }, { ip, origin });
  return { pools, evicted, enter };
}

test("[DOS-02] the oldest of one address gives way, and only once", () => {
  const { pools, evicted, enter } = crowd(2);
  for (const name of ["a", "b", "c", "d"]) enter(name, "203.0.113.1");
  enter("other", "203.0.113.2");
  assert.deepEqual(evicted, ["a", "b"]);
  assert.equal(pools.size(), 3);
});

test("[DOS-02] pages, foreign pages and programs have places of their own", () => {
  const { evicted, enter } = crowd(5);
  enter("program", "127.0.0.1");
  enter("page", "127.0.0.1", "allowed");
  for (let at = 0; at < 10; at++) enter(`foreign-${at}`, "127.0.0.1", "denied");
  assert.equal(evicted.length, 6);
  assert.ok(evicted.every((name) => name.startsWith("foreign-")));
});

test("[DOS-01] over all addresses there is a limit as well", () => {
  const { pools, evicted, enter } = crowd(32);
  for (let at = 0; at < 2_000; at++) enter(`s${at}`, `198.51.${at >> 8}.${at & 255}`);
  assert.equal(pools.size(), 512);
  assert.equal(evicted.length, 2_000 - 512);
});

test("a place that was given back counts for nobody", () => {
  const { pools, evicted, enter } = crowd(1);
  const leave = enter("a", "203.0.113.1");
  leave();
  leave();
  enter("b", "203.0.113.1");
  assert.deepEqual(evicted, []);
  assert.equal(pools.size(), 1);
});
