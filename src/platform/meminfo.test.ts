import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMeminfo } from "./meminfo.ts";

test("figures of the kernel in bytes", () => {
  const text =
    "MemTotal:        2097152 kB\nMemFree:  10 kB\nMemAvailable:     204800 kB\nSwapTotal:             0 kB\n";
  assert.deepEqual(parseMeminfo(text), {
    totalBytes: 2_147_483_648,
    availableBytes: 209_715_200,
    swapTotalBytes: 0,
  });
});

test("a kernel that does not say what is available is not guessed at", () => {
  assert.equal(parseMeminfo("MemTotal: 2097152 kB\nMemFree: 10 kB\n"), undefined);
  assert.equal(parseMeminfo(""), undefined);
});
