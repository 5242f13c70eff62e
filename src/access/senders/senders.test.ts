import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { handClock } from "../../../test/kit/clock.ts";
import { openSenders, type PairingAnswer } from "./senders.ts";

function openStore() {
  const dir = mkdtempSync(join(tmpdir(), "openclaw-senders-"));
  const clock = handClock();
  const path = join(dir, "senders.sqlite");
  const aside: string[] = [];
  const open = () => openSenders({ path, clock, onSetAside: (where) => void aside.push(where) });
  let store = open();
  return {
    dir,
    path,
    clock,
    aside,
    get store() {
      return store;
    },
    reopen(meanwhile = () => {}) {
      store[Symbol.dispose]();
      meanwhile();
      store = open();
    },
    ask: (senderId: string, accountId = "default", channel = "telegram") =>
      store.request({ channel, accountId, senderId, name: `name of ${senderId}` }),
    [Symbol.dispose]() {
      store[Symbol.dispose]();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function codeOf(answer: PairingAnswer): string {
  assert.ok(answer.kind === "new" || answer.kind === "pending", answer.kind);
  return answer.code;
}

test("who is approved may write, over a restart; the first one is the owner", () => {
  using open = openStore();
  const code = codeOf(open.ask("555"));
  assert.match(code, /^[A-HJ-NP-Z2-9]{8}$/);
  assert.deepEqual(open.ask("555"), { kind: "pending", code, expiresAt: open.clock.now() + 3_600_000 });
  const approved = open.store.approve("telegram", `${code.slice(0, 4).toLowerCase()}-${code.slice(4)}`);
  assert.ok(approved.kind === "approved" && approved.becameOwner);
  const second = open.store.approve("telegram", codeOf(open.ask("556")));
  assert.ok(second.kind === "approved" && !second.becameOwner);
  open.reopen();
  const { store } = open;
  assert.deepEqual(
    [store.isApproved("telegram", "default", "555"), store.isOwner("telegram", "default", "555")],
    [true, true],
  );
  assert.deepEqual(
    [store.isApproved("telegram", "default", "556"), store.isOwner("telegram", "default", "556")],
    [true, false],
  );
  assert.deepEqual(
    store.approved("telegram").map(({ senderId, name }) => [senderId, name]),
    [
      ["555", "name of 555"],
      ["556", "name of 556"],
    ],
  );
  assert.equal(store.remove("telegram", "default", "555"), true);
  assert.equal(store.isApproved("telegram", "default", "555"), false);
  assert.equal(statSync(open.path).mode & 0o777, 0o600);
});

test("an approval holds for one account of one channel and nowhere else [CHAN-07]", () => {
  using open = openStore();
  open.store.approve("telegram", codeOf(open.ask("555", "work")));
  assert.deepEqual(
    [
      ["telegram", "work"],
      ["telegram", "default"],
      ["irc", "work"],
    ].map(([channel, accountId]) => open.store.isApproved(channel!, accountId!, "555")),
    [true, false, false],
  );
});

test("codes cannot be guessed: an hour, three at a time, five wrong ones [CHAN-08]", () => {
  using open = openStore();
  const codes = ["1", "2", "3"].map((id) => codeOf(open.ask(id)));
  assert.deepEqual(open.ask("4"), { kind: "full" });
  assert.equal(open.ask("4", "default", "irc").kind, "new");
  for (let guess = 0; guess < 5; guess++)
    assert.deepEqual(open.store.approve("telegram", "ZZZZZZZ2"), { kind: "unknown-code" });
  open.reopen();
  const locked = open.store.approve("telegram", codes[0]!);
  assert.ok(locked.kind === "locked" && locked.retryAfterMs > 0, "also the right one, and after a restart");
  assert.equal(open.store.reject("telegram", codes[0]!).kind, "locked");
  open.clock.advance(3_600_000);
  assert.deepEqual(open.store.approve("telegram", codes[0]!), { kind: "unknown-code" }, "the hour is over");
  assert.deepEqual(open.store.pending("telegram"), []);
  assert.equal(open.store.approved().length, 0);
});

test("who was rejected, or asks again and again, is heard no more for a day", () => {
  using open = openStore();
  assert.equal(open.store.reject("telegram", codeOf(open.ask("1"))).kind, "rejected");
  assert.deepEqual(open.ask("1"), { kind: "muted" });
  for (let asked = 0; asked < 5; asked++) {
    assert.equal(open.ask("2").kind, "new");
    open.clock.advance(3_600_000);
  }
  assert.deepEqual(open.ask("2"), { kind: "muted" });
  open.clock.advance(86_400_000);
  assert.deepEqual([open.ask("1").kind, open.ask("2").kind], ["new", "new"]);
});

test("a damaged file costs the approvals and nothing else", () => {
  using open = openStore();
  open.store.approve("telegram", codeOf(open.ask("555")));
  open.reopen(() => writeFileSync(open.path, Buffer.alloc(8_192, "x")));
  assert.deepEqual(open.store.approved(), []);
  assert.equal(open.aside.length, 1);
  assert.equal(readdirSync(open.dir).filter((name) => name.includes(".damaged.")).length, 1);
});
