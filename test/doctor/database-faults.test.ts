import assert from "node:assert/strict";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { snapshotPath } from "../../src/sessions/snapshot-files.ts";
import { SNAPSHOT_EVERY_MS } from "../../src/sessions/snapshots.ts";
import { runHere } from "../kit/command.ts";
import { runDoctor } from "../kit/doctor.ts";
import { type FaultRow, type Scene, serveOnce, testFault } from "../kit/doctor-fault.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder } from "../kit/state.ts";

const databaseOf = ({ dir }: StateFolder) => join(dir, "data/sessions.sqlite");

/** What the running gateway would have taken an hour before. */
function keepSnapshot(state: StateFolder): void {
  const folder = join(state.dir, "data/snapshots");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = snapshotPath(folder, Date.now() - SNAPSHOT_EVERY_MS);
  copyFileSync(databaseOf(state), path);
  chmodSync(path, 0o600);
}

function overwrite(state: StateFolder): void {
  writeFileSync(databaseOf(state), "this was a database once. ".repeat(400));
}

/** Inside of one page, as a bad block does it: the header is fine, the file opens. */
function flipPages(state: StateFolder): void {
  const bytes = readFileSync(databaseOf(state));
  for (let at = 4_096; at < bytes.length; at += 4_096) bytes.fill(0xa5, at, at + 64);
  writeFileSync(databaseOf(state), bytes);
}

const DAMAGES = [
  { name: "it was overwritten", damage: overwrite, says: /file is not a database/ },
  { name: "pages of it are damaged", damage: flipPages, says: /sessions\.sqlite is damaged/ },
  {
    name: "half of it is gone",
    damage: (state: StateFolder) => truncateSync(databaseOf(state), statSync(databaseOf(state)).size / 2),
    says: /sessions\.sqlite is damaged/,
  },
  {
    name: "not a byte is left in it",
    damage: (state: StateFolder) => truncateSync(databaseOf(state), 0),
    says: /not a byte left/,
  },
];

const ROWS: FaultRow[] = [
  ...DAMAGES.map(
    ({ name, damage, says }): FaultRow => ({
      id: "database-damaged",
      name: `${name}; there is a snapshot`,
      served: true,
      inject({ state }) {
        keepSnapshot(state);
        damage(state);
      },
      blocking: true,
      says,
      fix: /^openclaw doctor --fix$/,
      repair: "safe",
    }),
  ),
  {
    id: "database-damaged",
    name: "there is no snapshot",
    served: true,
    inject: ({ state }) => overwrite(state),
    blocking: true,
    says: /there is no sound snapshot in /,
    fix: /^openclaw doctor --fix --force$/,
    repair: "force",
  },
  {
    id: "database-damaged",
    name: "the newest snapshot is damaged as well",
    served: true,
    inject({ state }) {
      keepSnapshot(state);
      const bad = snapshotPath(join(state.dir, "data/snapshots"), Date.now() - 1_000);
      writeFileSync(bad, "no database either", { mode: 0o600 });
      overwrite(state);
    },
    blocking: true,
    says: /the snapshot .* is (59|60|61) min older/,
    repair: "safe",
  },
  {
    id: "database-unreadable",
    name: "[state-sqlite-cantopen] nobody may open it",
    as: "nobody",
    served: true,
    inject: ({ state }) => chmodSync(databaseOf(state), 0),
    blocking: true,
    says: /SQLITE_CANTOPEN: unable to open database file .*sessions\.sqlite \(EACCES\): it belongs to uid 65534 with mode 0000/,
    fix: /^sudo chown -R \$\(whoami\) /,
    repair: "safe",
  },
  {
    id: "database-newer",
    name: "a later version has written it",
    served: true,
    inject({ state }: Scene) {
      using db = new DatabaseSync(databaseOf(state));
      db.exec("PRAGMA user_version = 99");
    },
    blocking: true,
    says: /its schema is 99/,
  },
];

for (const row of ROWS) testFault(row);

const sessionsOf = async (state: StateFolder) => {
  const { stdout } = await runHere(["gateway", "call", "sessions.list", "--json"], state);
  return stdout;
};

test("a damaged database: the repair brings the sessions back, and --undo the damage", async () => {
  using state = makeState(localConfig(await freePort()));
  await serveOnce(state);
  keepSnapshot(state);
  overwrite(state);
  const damaged = readFileSync(databaseOf(state));

  const report = await runDoctor(state, ["--fix", "--non-interactive"]);
  assert.equal(report.code, 0, JSON.stringify(report));
  assert.deepEqual(
    report.repairs?.map(({ id, outcome }) => [id, outcome]),
    [["database-damaged", "fixed"]],
  );
  {
    await using gateway = await spawnGateway(state);
    assert.match(await sessionsOf(state), /heron/);
    const busy = await runHere(["doctor", "--undo"], state);
    assert.equal(busy.code, 1, "taken back under a running gateway");
    assert.match(busy.stderr, /a gateway uses .*sessions\.sqlite; it has to be stopped first/);
    gateway.child.kill("SIGTERM");
    await gateway.ended;
  }
  assert.equal((await runHere(["doctor", "--undo"], state)).code, 0);
  assert.deepEqual(readFileSync(databaseOf(state)), damaged);
});

test("while a gateway runs, its database is not repaired: it has to be stopped first", async () => {
  using state = makeState(localConfig(await freePort()));
  await serveOnce(state);
  keepSnapshot(state);
  await using gateway = await spawnGateway(state);
  overwrite(state);
  const report = await runDoctor(state, ["--fix", "--non-interactive"]);
  const found = report.findings.find(({ id }) => id === "database-damaged");
  assert.equal(found?.repair, undefined);
  assert.match(found?.fix ?? "", /^openclaw stop && openclaw doctor --fix$/);
  assert.equal(gateway.child.exitCode, null);
});

test("a database that was left open by a killed gateway is sound, and looking at it changes nothing", async () => {
  using state = makeState(localConfig(await freePort()));
  {
    await using gateway = await spawnGateway(state);
    await runHere(["agent", "--message", "remember the heron"], state);
    gateway.child.kill("SIGKILL");
    await gateway.ended;
  }
  const bytes = () => ["", "-wal", "-shm"].map((suffix) => readFileSync(databaseOf(state) + suffix));
  const before = bytes();
  assert.ok(before[1]!.length > 0, "the journal is empty, so this tests nothing");
  const report = await runDoctor(state, ["--only", "database", "--deep"]);
  assert.deepEqual(report.findings, []);
  assert.deepEqual(bytes(), before);
});
