import assert from "node:assert/strict";
import { mkdtempDisposableSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { listBundles, writeBundleFile } from "./stability-bundles.ts";

const AT = Date.parse("2026-11-26T01:43:28.433Z");

test("[R24] the newest twenty stay, and together they stay small", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-bundles-"));
  const dir = join(temp.path, "stability");
  const write = (n: number, content: object) =>
    writeBundleFile(dir, { reason: "start_failed", atMs: AT + n, pid: 7 }, content);
  for (let n = 0; n < 30; n++) write(n, { n });
  assert.equal(listBundles(dir).length, 20);
  assert.deepEqual(
    listBundles(dir)
      .slice(0, 2)
      .map(({ atMs, reason }) => [atMs - AT, reason]),
    [
      [29, "start_failed"],
      [28, "start_failed"],
    ],
  );
  for (let n = 30; n < 34; n++) write(n, { text: "x".repeat(3_000_000) });
  const total = listBundles(dir).reduce((sum, { bytes }) => sum + bytes, 0);
  assert.ok(total <= 8 * 1_048_576, `${total} bytes`);
  assert.equal(listBundles(dir)[0]!.atMs, AT + 33);
});

test("only for the owner, and what others put there is left alone", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-bundles-"));
  const dir = join(temp.path, "stability");
  const path = writeBundleFile(dir, { reason: "crash_storm", atMs: AT, pid: 7 }, {});
  assert.match(path, /\/openclaw-stability-2026-11-26T01-43-28-433Z-7-crash_storm\.json$/);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  writeFileSync(join(dir, "notes.json"), "{}");
  for (let n = 1; n < 25; n++) writeBundleFile(dir, { reason: "crash_storm", atMs: AT + n, pid: 7 }, {});
  assert.ok(readdirSync(dir).includes("notes.json"));
  assert.deepEqual(listBundles(join(temp.path, "none")), []);
});
