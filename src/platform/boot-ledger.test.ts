import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempDisposableSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { readBoots } from "./boot-ledger.ts";
import { type BootRecord, openBootRecord } from "./boot-record.ts";

const clock = handClock();

function ledger() {
  const folder = mkdtempDisposableSync(join(tmpdir(), "openclaw-boots-"));
  const bootsFile = join(folder.path, "boots.jsonl");
  const troubles: string[] = [];
  return {
    bootsFile,
    troubles,
    begin: (id: string): BootRecord =>
      openBootRecord({
        bootsFile,
        id,
        version: "1.2.3",
        port: 18789,
        host: "127.0.0.1",
        clock,
        onTrouble: (error) => troubles.push(error.message),
      }),
    [Symbol.dispose]: () => folder.remove(),
  };
}

test("a boot is read back as it was written, with its stages, its refusal and its end", () => {
  using at = ledger();
  const boot = at.begin("one");
  assert.deepEqual(boot.previous, []);
  clock.advance(5);
  boot.reached("listening", 3002);
  boot.reached("ready");
  boot.refused({ what: "no", lines: ["line"], exitCode: 78, why: "why", fix: "fix" });
  boot.ended("failed", { cause: "cause", fix: "fix" });
  boot.ended("stopped");
  const [read, ...others] = readBoots(at);
  assert.deepEqual(others, []);
  const { stages, refusal, end, pid, port, version, host, startedAtMs } = read!;
  assert.deepEqual(
    { pid, port, version, host },
    {
      pid: process.pid,
      port: 3002,
      version: "1.2.3",
      host: "127.0.0.1",
    },
  );
  assert.deepEqual(
    stages.map(({ stage, atMs }) => [stage, atMs - startedAtMs]),
    [
      ["starting", 0],
      ["listening", 5],
      ["ready", 5],
    ],
  );
  assert.deepEqual(
    { ...refusal, atMs: 0 },
    { atMs: 0, what: "no", lines: ["line"], exitCode: 78, why: "why", fix: "fix" },
  );
  assert.deepEqual({ ...end, atMs: 0 }, { atMs: 0, kind: "failed", cause: "cause", fix: "fix" });
});

test("the file is private, and on Linux names process and machine for good", {
  skip: process.platform !== "linux",
}, () => {
  using at = ledger();
  const umask = process.umask(0);
  at.begin("one");
  process.umask(umask);
  assert.equal(statSync(at.bootsFile).mode & 0o777, 0o600);
  const [boot] = readBoots(at);
  assert.ok(boot!.startTicks! > 0);
  assert.match(boot!.kernelBootId!, /^[0-9a-f-]{36}$/);
});

test("half a line and foreign lines cost nothing but themselves", () => {
  using at = ledger();
  at.begin("one").ended("stopped");
  appendFileSync(
    at.bootsFile,
    'garbage\n[]\n{"boot":"x","at":1,"event":"end","kind":"stopped"}\n{"boot":"half","at":1,"ev',
  );
  const next = at.begin("two");
  assert.deepEqual(
    next.previous.map(({ id }) => id),
    ["one"],
  );
  next.ended("restarting");
  assert.deepEqual(
    readBoots(at).map(({ id, end }) => [id, end?.kind]),
    [
      ["one", "stopped"],
      ["two", "restarting"],
    ],
  );
});

test("the newest twenty are kept, and a boot with much to say does not grow the file without end", () => {
  using at = ledger();
  let boot = at.begin("0");
  for (let count = 1; count < 30; count++) {
    boot.ended("stopped");
    boot = at.begin(String(count));
  }
  boot.trim();
  assert.deepEqual(
    readBoots(at).map(({ id }) => id),
    Array.from({ length: 20 }, (_, index) => String(index + 10)),
  );
  for (let count = 0; count < 2_000; count++)
    boot.refused({ what: `no ${count}`, lines: ["x".repeat(500)], exitCode: 78 });
  assert.ok(statSync(at.bootsFile).size < 300_000);
  assert.equal(readBoots(at).at(-1)!.refusal!.what, "no 1999");
  assert.equal(readBoots(at).length, 20);
});

test("a sign of life is the time of the file, and the next boot sees it", () => {
  using at = ledger();
  const boot = at.begin("one");
  clock.advance(120_000);
  boot.alive();
  assert.equal(at.begin("two").previousSignAtMs, clock.now());
});

test("a disk that refuses is told once and stops nothing", () => {
  using at = ledger();
  mkdirSync(at.bootsFile);
  const boot = at.begin("one");
  boot.reached("ready");
  boot.alive();
  boot.trim();
  boot.ended("stopped");
  assert.equal(at.troubles.length, 1);
  assert.match(at.troubles[0]!, /EISDIR/);
  assert.deepEqual(readBoots(at), []);
  assert.throws(() => readFileSync(at.bootsFile));
});
