import assert from "node:assert/strict";
import { mkdtempDisposableSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readEnv } from "./env.ts";
import { acquireLock } from "./lock.ts";
import { lockHolder, parseLocks } from "./lock-holder.ts";
import { ensureStateDirs, resolvePaths } from "./paths.ts";
import { findRunningGateway } from "./running-gateway.ts";

const skip = process.platform !== "linux";

function stateFolder() {
  const folder = mkdtempDisposableSync(join(tmpdir(), "openclaw-running-"));
  const paths = resolvePaths(readEnv({ HOME: folder.path, OPENCLAW_STATE_DIR: join(folder.path, "s") }));
  ensureStateDirs(paths);
  return { paths, [Symbol.dispose]: () => folder.remove() };
}

function hold({ lockFile, pidFile }: { lockFile: string; pidFile: string }) {
  const result = acquireLock(lockFile, pidFile, { pid: process.pid, startedAtMs: Date.now(), port: 1 });
  assert.equal(result.kind, "acquired");
  return result.kind === "acquired" ? result.lock : undefined!;
}

test("the table of locks names who holds one for writing, not who waits or reads", () => {
  const table = [
    "1: FLOCK  ADVISORY  WRITE 11 fe:00:77 0 EOF",
    "2: POSIX  ADVISORY  READ 12 fe:00:77 1 2",
    "3: POSIX  ADVISORY  WRITE 13 fd:00:77 1 2",
    "4: POSIX  ADVISORY  WRITE 14 fe:00:77 1 2",
    "4: -> POSIX  ADVISORY  WRITE 15 fe:00:77 1 2",
  ].join("\n");
  assert.equal(parseLocks(table, 0xfe00n, 77n), 14);
  assert.equal(parseLocks(table, 0xfe00n, 78n), undefined);
});

test("the kernel knows who holds a state lock", { skip }, () => {
  using state = stateFolder();
  assert.equal(lockHolder(state.paths.lockFile), undefined);
  using lock = hold(state.paths);
  assert.ok(lock);
  assert.equal(lockHolder(state.paths.lockFile), process.pid);
});

test("no lock, no gateway, whatever the files say", () => {
  using state = stateFolder();
  writeFileSync(state.paths.pidFile, `${process.pid}\n`);
  assert.deepEqual(findRunningGateway(state.paths), { kind: "none" });
});

const GATEWAY = { command: "node /opt/openclaw/openclaw.cjs gateway run", startTicks: 100 };

test("who holds the lock and runs openclaw is the gateway, also without any note of its own", {
  skip,
}, () => {
  using state = stateFolder();
  using lock = hold(state.paths);
  rmSync(state.paths.pidFile);
  assert.ok(lock);
  assert.deepEqual(
    findRunningGateway(state.paths, () => GATEWAY),
    { kind: "verified", pid: process.pid },
  );
});

const OTHERS = [
  { name: "another program", identity: { command: "vim notes.txt" }, why: /is another program/ },
  { name: "a process that cannot be looked at", identity: undefined, why: /cannot be looked at/ },
] as const;
for (const { name, identity, why } of OTHERS) {
  test(`${name} that holds the lock is not taken for the gateway`, { skip }, () => {
    using state = stateFolder();
    using lock = hold(state.paths);
    assert.ok(lock);
    const found = findRunningGateway(state.paths, () => identity);
    assert.equal(found.kind, "unverified");
    assert.equal(found.port, 1);
    assert.match(found.why, why);
  });
}

test("the entry of an earlier owner of the process id is not taken for this one's", { skip }, () => {
  using state = stateFolder();
  using lock = hold(state.paths);
  assert.ok(lock);
  const entry = (id: string, startTicks: number) => {
    const start = { boot: id, at: 1, event: "start", pid: process.pid, port: 3, version: "1", startTicks };
    writeFileSync(state.paths.bootsFile, `${JSON.stringify(start)}\n`);
    const found = findRunningGateway(state.paths, () => GATEWAY);
    return found.kind === "verified" ? found.boot?.id : found;
  };
  assert.equal(entry("mine", 100), "mine");
  assert.equal(entry("old", 99), undefined);
});
