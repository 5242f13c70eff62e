import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempDisposableSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Fault } from "./fault.ts";
import { acquireLock, holdStill, isLocked, mayBeLocked, readLockOwner } from "./lock.ts";

const US = { pid: process.pid, port: 18_789, startedAtMs: 1_000, version: "2026.11.1", command: "openclaw" };
/** Above the highest id the kernel gives out. */
const DEAD_PID = 4_194_305;

function tempLock() {
  const temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-lock-"));
  return {
    lockFile: join(temp.path, "gateway.lock"),
    pidFile: join(temp.path, "gateway.pid"),
    [Symbol.dispose]: () => temp.remove(),
  };
}
type TempLock = ReturnType<typeof tempLock>;

/**
 * Another process that takes the lock, says how it went and then waits to be killed.
 * It keeps no reference to the lock: the garbage collector must not give it back.
 */
function contender({ lockFile, pidFile }: TempLock): ChildProcess {
  const code = `
    import { acquireLock } from "./lock.ts";
    const result = acquireLock(${JSON.stringify(lockFile)}, ${JSON.stringify(pidFile)}, { pid: process.pid, startedAtMs: 5 });
    console.log(result.kind);
    process.stdin.resume();
  `;
  return spawn(process.execPath, ["--input-type=module-typescript", "-e", code], {
    cwd: import.meta.dirname,
    stdio: ["pipe", "pipe", "inherit"],
  });
}

async function verdictOf(child: ChildProcess): Promise<string> {
  const [chunk] = await once(child.stdout!, "data");
  return String(chunk).trim();
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

test("the lock is taken, described, moved to another port and given back", () => {
  using files = tempLock();
  const result = acquireLock(files.lockFile, files.pidFile, US);
  assert.ok(result.kind === "acquired");
  assert.equal(result.stalePid, undefined);
  assert.equal(isLocked(files.lockFile), true);
  assert.deepEqual(readLockOwner(files.pidFile), US);
  result.lock.update({ ...US, port: 19_001 });
  assert.equal(readLockOwner(files.pidFile)?.port, 19_001);
  result.lock[Symbol.dispose]();
  result.lock[Symbol.dispose]();
  assert.equal(isLocked(files.lockFile), false);
  assert.equal(existsSync(files.pidFile), false);
});

test("the pid file has the id on line one and is 0600", (t) => {
  using files = tempLock();
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  const result = acquireLock(files.lockFile, files.pidFile, US);
  assert.ok(result.kind === "acquired");
  using _lock = result.lock;
  assert.equal(readFileSync(files.pidFile, "utf8"), `${process.pid}\n${JSON.stringify(US)}\n`);
  for (const file of [files.pidFile, files.lockFile]) assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("[CONF-16] of processes that start at once exactly one wins, the others name it", async (t) => {
  using files = tempLock();
  const children = Array.from({ length: 5 }, () => contender(files));
  t.after(() => Promise.all(children.map(kill)));
  const verdicts = await Promise.all(children.map(verdictOf));
  assert.deepEqual(verdicts.toSorted(), ["acquired", "held", "held", "held", "held"]);
  const winner = children[verdicts.indexOf("acquired")]!;
  const here = acquireLock(files.lockFile, files.pidFile, US);
  assert.ok(here.kind === "held");
  assert.equal(here.owner?.pid, winner.pid);
  assert.equal(isLocked(files.lockFile), true);
});

test("a killed owner leaves no lock, only a pid that is reported as stale", async () => {
  using files = tempLock();
  const owner = contender(files);
  assert.equal(await verdictOf(owner), "acquired");
  await kill(owner);
  assert.equal(isLocked(files.lockFile), false);
  assert.equal(readLockOwner(files.pidFile), undefined);
  const result = acquireLock(files.lockFile, files.pidFile, US);
  assert.ok(result.kind === "acquired");
  using _lock = result.lock;
  assert.equal(result.stalePid, owner.pid);
});

const ADVICE = [
  { name: "no pid file", make: () => {} },
  { name: "an empty pid file", make: (file: string) => writeFileSync(file, "") },
  { name: "a pid file full of garbage", make: (file: string) => writeFileSync(file, "\0{[garbage\n{]") },
  { name: "a pid of a living stranger", make: (file: string) => writeFileSync(file, "1\n"), stalePid: 1 },
  { name: "a dead pid", make: (file: string) => writeFileSync(file, `${DEAD_PID}\n`), stalePid: DEAD_PID },
  { name: "a pid out of range", make: (file: string) => writeFileSync(file, "99999999999999999999\n") },
  { name: "a negative pid", make: (file: string) => writeFileSync(file, "-1\n") },
  {
    name: "a folder in place of the pid file",
    make: (file: string) => mkdirSync(join(file, "sub"), { recursive: true }),
  },
];
for (const { name, make, stalePid } of ADVICE) {
  test(`${name} does not block a start`, () => {
    using files = tempLock();
    make(files.pidFile);
    const result = acquireLock(files.lockFile, files.pidFile, US);
    assert.ok(result.kind === "acquired");
    using _lock = result.lock;
    assert.equal(result.stalePid, stalePid);
  });
}

test("details of another process behind a living pid are not believed", () => {
  using files = tempLock();
  writeFileSync(files.pidFile, `${process.pid}\n{"pid":1,"port":1,"startedAtMs":9}\n`);
  assert.deepEqual(readLockOwner(files.pidFile)?.port, undefined);
  writeFileSync(files.pidFile, `${process.pid}\n{"pid":${process.pid},"port":"x","startedAtMs":null}\n`);
  assert.equal(readLockOwner(files.pidFile)?.startedAtMs, 0);
});

test("deleting the pid file of a running owner changes nothing", () => {
  using files = tempLock();
  const result = acquireLock(files.lockFile, files.pidFile, US);
  assert.ok(result.kind === "acquired");
  using _lock = result.lock;
  rmSync(files.pidFile);
  assert.deepEqual(acquireLock(files.lockFile, files.pidFile, US), { kind: "held", owner: undefined });
});

test("a pid file that names somebody else by now is left alone", () => {
  using files = tempLock();
  const result = acquireLock(files.lockFile, files.pidFile, US);
  assert.ok(result.kind === "acquired");
  writeFileSync(files.pidFile, "1\n");
  result.lock[Symbol.dispose]();
  assert.equal(readFileSync(files.pidFile, "utf8"), "1\n");
});

test("a damaged lock file does not block a start", () => {
  using files = tempLock();
  writeFileSync(files.lockFile, "garbage".repeat(1_000));
  assert.equal(isLocked(files.lockFile), false);
  const result = acquireLock(files.lockFile, files.pidFile, US);
  assert.ok(result.kind === "acquired");
  using _lock = result.lock;
  assert.equal(isLocked(files.lockFile), true);
});

test("a lock file that cannot be made is a fault", () => {
  using files = tempLock();
  writeFileSync(files.pidFile, "");
  assert.throws(
    () => acquireLock(join(files.pidFile, "lock"), files.pidFile, US),
    (fault: Fault) => fault.exitCode === 78,
  );
});

test("nothing is locked where there is no lock file", () => {
  using files = tempLock();
  assert.equal(isLocked(files.lockFile), false);
  assert.equal(existsSync(files.lockFile), false);
});

test("who only wants that nobody starts says nothing in the pid file, and does not get it while somebody runs", () => {
  using files = tempLock();
  {
    using still = holdStill(files.lockFile);
    assert.ok(still);
    assert.equal(acquireLock(files.lockFile, files.pidFile, US).kind, "held");
    assert.equal(existsSync(files.pidFile), false);
  }
  const result = acquireLock(files.lockFile, files.pidFile, US);
  assert.ok(result.kind === "acquired");
  assert.equal(holdStill(files.lockFile), undefined);
  result.lock[Symbol.dispose]();
});

test("a lock nobody has made is free", () => {
  using files = tempLock();
  assert.equal(mayBeLocked(files.lockFile), false);
  assert.equal(existsSync(files.lockFile), false);
});
