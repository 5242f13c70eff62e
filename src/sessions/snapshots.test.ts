import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempDisposableSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { type HandClock, handClock } from "../../test/kit/clock.ts";
import { type Log, nullLog } from "../platform/log.ts";
import { sessionKey } from "./keys.ts";
import { snapshotsIn } from "./snapshot-files.ts";
import { openSnapshots, SNAPSHOT_EVERY_MS, type Snapshots, snapshotBeforeMigration } from "./snapshots.ts";
import { openSessionStore, type SessionStore } from "./store.ts";

const NEVER = new AbortController().signal;
const env = { childEnv: () => ({}) };

interface Place extends Disposable {
  dataDir: string;
  sessionsDb: string;
  clock: HandClock;
  store: SessionStore;
  snapshots: Snapshots;
  /** What was told above "info". */
  complaints: string[];
  /** Writes one message. */
  say(text: string): void;
  /** As a new process would. */
  reopen(): Snapshots;
}

function makePlace(): Place {
  const temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-snapshots-"));
  const clock = handClock();
  const sessionsDb = join(temp.path, "sessions.sqlite");
  const paths = { dataDir: temp.path, sessionsDb };
  const store = openSessionStore(sessionsDb, clock);
  const complaints: string[] = [];
  const tell = (message: string) => void complaints.push(message);
  const log: Log = { ...nullLog(), warn: tell, error: tell };
  const reopen = () => openSnapshots({ paths, database: store.database, clock, log, env });
  return {
    ...paths,
    clock,
    store,
    complaints,
    snapshots: reopen(),
    reopen,
    say(text) {
      const message = { role: "user", content: [{ type: "text", text }], timestamp: clock.now() } as const;
      store.append(
        store.ensure(sessionKey("main", "main")),
        { ...message, content: [...message.content] },
        undefined,
      );
    },
    [Symbol.dispose]() {
      store[Symbol.dispose]();
      temp.remove();
    },
  };
}

const namesIn = ({ dataDir }: Place) => readdirSync(join(dataDir, "snapshots")).sort();

function messagesIn(path: string): number {
  using db = new DatabaseSync(path, { readOnly: true });
  return Number(db.prepare("SELECT count(*) AS n FROM messages").get()?.n);
}

test("one an hour at most, and only when something was written", async () => {
  using place = makePlace();
  const { clock, snapshots, say } = place;
  assert.equal((await snapshots.round(NEVER)).kind, "unchanged");
  say("one");
  assert.equal((await snapshots.round(NEVER)).kind, "taken");
  say("two");
  assert.equal((await snapshots.round(NEVER)).kind, "not-due");
  clock.advance(SNAPSHOT_EVERY_MS);
  assert.equal((await snapshots.round(NEVER)).kind, "taken");
  clock.advance(SNAPSHOT_EVERY_MS);
  assert.equal((await snapshots.round(NEVER)).kind, "unchanged");
  assert.equal(namesIn(place).length, 2);
});

test("a new process goes on where the one before has ended", async () => {
  using place = makePlace();
  place.say("one");
  await place.snapshots.round(NEVER);
  const next = place.reopen();
  assert.equal((await next.round(NEVER)).kind, "not-due");
  place.clock.advance(SNAPSHOT_EVERY_MS);
  place.say("said by the process before, after its last snapshot");
  place.clock.advance(1);
  assert.equal((await place.reopen().round(NEVER)).kind, "taken");
  place.clock.advance(SNAPSHOT_EVERY_MS);
  assert.equal((await place.reopen().round(NEVER)).kind, "unchanged");
});

test("the newest three stay, private, each with what was said until then", async () => {
  using place = makePlace();
  for (let hour = 1; hour <= 5; hour++) {
    place.say(`hour ${hour}`);
    assert.equal((await place.snapshots.round(NEVER)).kind, "taken");
    place.clock.advance(SNAPSHOT_EVERY_MS);
  }
  const folder = join(place.dataDir, "snapshots");
  const kept = snapshotsIn(folder);
  assert.deepEqual(
    kept.map(({ path }) => messagesIn(path)),
    [5, 4, 3],
  );
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const { path } of kept) assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("while messages come in one after the other, a snapshot is of one moment and nobody waits for it", async () => {
  using place = makePlace();
  const { store, say } = place;
  store.database.transaction(() => {
    for (let i = 0; i < 2_000; i++) say("x".repeat(2_000));
  });
  let isTaking = true;
  let written = 0;
  const writing = (async () => {
    while (isTaking) {
      // Two that belong together: a copy must have both or neither.
      store.database.transaction(() => {
        say("y".repeat(500));
        say("y".repeat(500));
      });
      written += 2;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const outcome = await place.snapshots.round(NEVER);
  isTaking = false;
  await writing;
  assert.ok(outcome.kind === "taken", JSON.stringify(outcome));
  const messages = messagesIn(outcome.path);
  assert.ok(written > 2, "nothing was written meanwhile");
  assert.ok(
    messages >= 2_000 && messages < 2_000 + written,
    `${messages} messages, ${written} written meanwhile`,
  );
  assert.equal(messages % 2, 0, "half a transaction is in it");
});

test("a damaged database gives no snapshot, costs none, and is told once", async () => {
  using place = makePlace();
  place.store.database.transaction(() => {
    for (let i = 0; i < 500; i++) place.say("x".repeat(500));
  });
  await place.snapshots.round(NEVER);
  const before = namesIn(place);
  place.store.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  truncateSync(place.sessionsDb, statSync(place.sessionsDb).size - 40_960);
  for (let hour = 0; hour < 2; hour++) {
    place.clock.advance(SNAPSHOT_EVERY_MS);
    place.store.database.exec(`UPDATE sessions SET title = 'hour ${hour}'`);
    assert.equal((await place.snapshots.round(NEVER)).kind, "damaged");
  }
  assert.deepEqual(namesIn(place), before);
  assert.equal(place.complaints.length, 1);
  assert.match(place.complaints[0]!, /openclaw doctor --fix/);
});

test("what a killed process left half-copied is removed by the next snapshot", async () => {
  using place = makePlace();
  place.say("one");
  await place.snapshots.round(NEVER);
  const draft = join(place.dataDir, "snapshots", "sessions-x.sqlite.1-abc.draft");
  writeFileSync(draft, "half");
  place.clock.advance(SNAPSHOT_EVERY_MS);
  place.say("two");
  await place.snapshots.round(NEVER);
  assert.equal(existsSync(draft), false);
});

test("a stop in the middle leaves nothing behind", async () => {
  using place = makePlace();
  place.store.database.transaction(() => {
    for (let i = 0; i < 2_000; i++) place.say("x".repeat(2_000));
  });
  const stop = new AbortController();
  const round = place.snapshots.round(stop.signal);
  setImmediate(() => stop.abort());
  await assert.rejects(round, { name: "AbortError" });
  assert.deepEqual(namesIn(place), []);
});

test("before a migration one is taken whatever the hour", async () => {
  using place = makePlace();
  place.say("one");
  await place.snapshots.round(NEVER);
  place.clock.advance(1_000);
  const outcome = await snapshotBeforeMigration(
    { paths: { dataDir: place.dataDir, sessionsDb: place.sessionsDb }, clock: place.clock, env },
    NEVER,
  );
  assert.equal(outcome.kind, "taken");
  assert.equal(namesIn(place).length, 2);
});
