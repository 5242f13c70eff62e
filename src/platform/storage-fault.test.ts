import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { shellWord, storageFault } from "./storage-fault.ts";

const OTHER_UID = 65_534;

function refused(code: string) {
  const error = Object.assign(new Error(`${code}: it said no, open '/tmp/x'`), { code });
  return storageFault({ error, path: "/tmp/no such/x", ours: "/tmp/no such" });
}

const TEMPORARY = ["ENOSPC", "EDQUOT", "EROFS", "EIO"];
for (const code of TEMPORARY) {
  test(`[OPS-01] ${code} is temporary: a supervisor may try again`, () => {
    const fault = refused(code);
    assert.equal(fault?.exitCode, 75);
    assert.match(fault!.message, new RegExp(`^${code}: `));
    assert.ok(fault!.fix);
  });
}

test("missing rights need a person", () => {
  const fault = refused("EACCES");
  assert.equal(fault?.exitCode, 78);
  assert.match(fault!.why!, /runs as user "\S+" \(uid \d+\) and may not use \/tmp\/no such\/x/);
  assert.match(fault!.why!, /where \/tmp belongs to uid \d+ with mode 0\d{3}/);
  assert.equal(
    fault!.fix,
    "sudo mkdir -p '/tmp/no such' && sudo chown -R $(whoami) '/tmp/no such' && chmod -R u+rwX '/tmp/no such'",
  );
});

test("other errors are not the disk's", () => {
  assert.equal(refused("ENOENT"), undefined);
  assert.equal(storageFault({ error: "text", path: "/x", ours: "/x" }), undefined);
});

const WORDS = [
  ["/a/b.c", "/a/b.c"],
  ["/a b", "'/a b'"],
  ["/it's", `'/it'\\''s'`],
  ["$(id)", "'$(id)'"],
  ["", "''"],
] as const;
for (const [text, word] of WORDS) {
  test(`${JSON.stringify(text)} is one word for the shell`, () => {
    assert.equal(shellWord(text), word);
  });
}

/** Runs a piece of a module as a user to whom file modes mean something. */
function asOrdinaryUser(code: string): string {
  const isRoot = process.getuid?.() === 0;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", code], {
    encoding: "utf8",
    cwd: import.meta.dirname,
    ...(isRoot ? { uid: OTHER_UID, gid: OTHER_UID } : {}),
  });
  return stdout + stderr;
}

test("[config-permission-denied] a state folder of somebody else names path, user, owner and the fix", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-rights-"));
  const state = join(temp.path, "state");
  mkdirSync(state);
  chmodSync(temp.path, 0o755);
  chmodSync(state, 0o555);
  const said = asOrdinaryUser(`
    import { readEnv } from "./env.ts";
    import { faultLines } from "./fault.ts";
    import { ensureStateDirs, resolvePaths } from "./paths.ts";
    try {
      ensureStateDirs(resolvePaths(readEnv({ HOME: "/h", OPENCLAW_STATE_DIR: ${JSON.stringify(state)} })));
    } catch (error) {
      console.log(error.exitCode, faultLines(error).join("\\n"));
    }
  `);
  assert.match(said, /^78 EACCES: permission denied, mkdir '\S+\/state\/data'$/m);
  assert.match(
    said,
    /\(uid \d+\) and may not use \S+\/state\/data, where \S+\/state belongs to uid \d+ with mode 0555/,
  );
  assert.match(said, /fix: sudo chown -R \$\(whoami\) \S+\/state && chmod -R u\+rwX \S+\/state$/m);
});

test("[state-sqlite-cantopen] a database without rights names file, owner, mode and the fix", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-rights-"));
  const path = join(temp.path, "s.sqlite");
  writeFileSync(path, "");
  chmodSync(temp.path, 0o755);
  chmodSync(path, 0o000);
  const said = asOrdinaryUser(`
    import { faultLines } from "./fault.ts";
    import { openDatabase } from "./sqlite.ts";
    try {
      openDatabase(${JSON.stringify(path)}, { migrations: [] });
    } catch (error) {
      console.log(error.exitCode, faultLines(error).join("\\n"));
    }
  `);
  assert.match(
    said,
    /^78 SQLITE_CANTOPEN: unable to open database file \S+s\.sqlite: EACCES: permission denied/m,
  );
  assert.match(said, /s\.sqlite belongs to uid \d+ with mode 0000/);
  assert.match(said, /fix: sudo chown -R \$\(whoami\) \S+ && chmod -R u\+rwX/);
});
