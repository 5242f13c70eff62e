import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ChatRig,
  type ChatWorld,
  type DeathPoint,
  openChatWorld,
  type RigInput,
  settle,
} from "../kit/chat-rig.ts";
import { runs } from "../kit/long.ts";
import { type LoopbackPlatform, openLoopback } from "../kit/loopback.ts";

/** Time goes on in steps until everything said is answered and nothing is left to be sent. */
async function untilAnswered(
  world: ChatWorld,
  platform: LoopbackPlatform,
  rig: ChatRig,
  maxMs = 120_000,
): Promise<number> {
  for (let passedMs = 0; passedMs <= maxMs; passedMs += 250) {
    await settle(6);
    const { queued, unknown } = rig.status().outbox;
    const open = rig.turns.lanes.size() + rig.turns.journal.unfinished().length;
    if (platform.unacknowledged() + queued + unknown + open === 0) return passedMs;
    world.clock.advance(250);
  }
  throw new Error(`not everything is answered: ${JSON.stringify(rig.status())}`);
}

/** reliability.md I1, I2, I4: each message was answered once, those of a chat in their order. */
function ledgerFaults(
  platform: LoopbackPlatform,
  said: readonly { chatId: string; text: string }[],
): string[] {
  const faults: string[] = [];
  for (const [chatId, asked] of Map.groupBy(said, (one) => one.chatId)) {
    const wanted = asked.map(({ text }) => `re: ${text}`);
    const seen = platform.delivered.filter((one) => one.chatId === chatId).map(({ text }) => text);
    for (const text of new Set(wanted)) {
      const times = seen.filter((one) => one === text).length;
      if (times === 0) faults.push(`lost in ${chatId}: ${text}`);
      if (times > 1) faults.push(`${times} times in ${chatId}: ${text}`);
    }
    if (faults.length === 0 && seen.join() !== wanted.join())
      faults.push(`order in ${chatId}: ${seen.join()}`);
  }
  return faults;
}

/** A start may be where it ends. */
function openOrDie(world: ChatWorld, input: RigInput): ChatRig | undefined {
  try {
    return world.open(input);
  } catch (error) {
    assert.equal((error as Error).message, "killed");
    return undefined;
  }
}

const CHATS = 3;
const POINTS: DeathPoint["at"][] = [
  "ingress.afterRead",
  "ingress.afterCommit",
  "ingress.beforeAck",
  "run.afterStart",
  "run.midStream",
  "run.afterFinalCommit",
  "outbox.beforeSend",
  "outbox.afterSendBeforeReceipt",
  "before-commit",
  "after-commit",
];
const KILLS = runs(30, 1_000);

test(`killed at ${KILLS} points of the whole way: nothing is lost, nothing is doubled, every chat keeps its order`, {
  timeout: 600_000,
}, async (context) => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  const said: { chatId: string; text: string }[] = [];
  const hit = new Map<string, number>();
  let random = 7;
  const next = (below: number) => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return random % below;
  };
  for (let kill = 0; kill < KILLS; kill++) {
    const at = POINTS[kill % POINTS.length]!;
    const dieAt = { at, nth: 1 + next(at.endsWith("commit") ? 24 : 3) };
    let died = false;
    const rig = openOrDie(world, { dieAt, onDeath: () => (died = true) });
    for (let message = 0; message < 3; message++) {
      const one = { chatId: `c${next(CHATS)}`, text: `k${kill}m${message}` };
      said.push(one);
      platform.post({ ...one, senderId: one.chatId });
    }
    for (let round = 0; round < 12 && !died; round++) {
      await settle(3);
      if (!died) world.clock.advance(250);
    }
    if (died) hit.set(at, (hit.get(at) ?? 0) + 1);
    else await rig?.[Symbol.asyncDispose]();
    // What was cut off again and again is set aside, so the next one lives.
    await using well = world.open();
    await untilAnswered(world, platform, well);
  }
  assert.deepEqual(ledgerFaults(platform, said), []);
  assert.equal(hit.size, POINTS.length, `some points were never passed: ${[...hit.keys()].join(", ")}`);
  context.diagnostic([...hit].map(([at, count]) => `${at} ${count}`).join(", "));
});

/** The whole half hour in a long run. */
const MINUTES = runs(12, 30);

test("the platform flaps: refused, reset, hanging, receipts lost; all is delivered within a minute after it [R17] [CHAN-15]", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  await using rig = world.open();
  await settle();
  const said: { chatId: string; text: string }[] = [];
  const modes = ["refuse", "reset", "hang", "lost-receipt"] as const;
  for (let minute = 0; minute < MINUTES; minute++) {
    platform.send = minute % 3 === 2 ? "ok" : modes[minute % modes.length]!;
    if (minute % 5 === 0) platform.drop();
    for (let message = 0; message < 10; message++) {
      const one = { chatId: `c${message}`, text: `t${minute}.${message}` };
      said.push(one);
      platform.post({ ...one, senderId: one.chatId });
      await settle(2);
      world.clock.advance(6_000);
      platform.prove();
    }
  }
  platform.send = "ok";
  const recoveryMs = await untilAnswered(world, platform, rig, 60_000);
  assert.ok(recoveryMs <= 60_000);
  assert.deepEqual(ledgerFaults(platform, said), []);
  assert.equal(world.calls.length, said.length, "a model was asked twice");
});

test("where the platform cannot be asked, an ambiguous send is made once more and carries the same id [CHAN-15]", async () => {
  const platform = openLoopback({ reconciles: false });
  using world = openChatWorld([platform]);
  await using rig = world.open();
  await settle();
  platform.send = "lost-receipt";
  platform.post({ text: "hello" });
  await platform.sees(1);
  platform.send = "ok";
  await untilAnswered(world, platform, rig);
  assert.deepEqual(
    platform.delivered.map(({ text }) => text),
    ["re: hello", "re: hello"],
  );
  assert.equal(new Set(platform.delivered.map(({ clientId }) => clientId)).size, 1);
  assert.ok(world.lines.some(({ message }) => /whether it has arrived is not known/.test(message)));
});

test("the platform says 401 for ten minutes: the status says so, and the account is back within a minute [R18] [CHAN-16]", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  await using rig = world.open();
  await settle();
  platform.refuse = "auth";
  platform.drop("auth", "401 Unauthorized");
  for (let second = 0; second < 600; second += 5) {
    await settle(2);
    world.clock.advance(5_000);
    const { state, reason } = rig.status();
    assert.equal(state, "degraded");
    assert.match(reason!, /401|auth/);
  }
  platform.refuse = undefined;
  for (let second = 0; second < 60 && rig.status().state !== "live"; second++) {
    world.clock.advance(1_000);
    await settle(2);
  }
  assert.equal(rig.status().state, "live");
  // For a whole day it is the same; after that it is asked less often, and still asked.
  platform.refuse = "auth";
  platform.drop("auth", "401 Unauthorized");
  for (let hour = 0; hour < 30; hour++) {
    await settle(2);
    world.clock.advance(3_600_000);
  }
  platform.refuse = undefined;
  for (let minute = 0; minute < 11 && rig.status().state !== "live"; minute++) {
    world.clock.advance(60_000);
    await settle(4);
  }
  assert.equal(rig.status().state, "live");
});

test("updates that come twice, out of order and with gaps, also after a restart: one run and one reply each [R19] [CHAN-10]", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  {
    await using rig = world.open();
    const first = platform.post({ text: "one", messageId: "100" });
    for (let again = 0; again < 5; again++) platform.repeat(first);
    platform.post({ text: "three", messageId: "103" });
    const late = platform.post({ text: "two", messageId: "102" });
    platform.repeat(late);
    await untilAnswered(world, platform, rig);
  }
  await using rig = world.open();
  await settle();
  for (const messageId of ["100", "102", "103"]) platform.post({ text: "old", messageId });
  platform.drop("conflict", "409 Conflict: another program reads with the same token");
  await settle();
  assert.match(rig.status().reason!, /409/);
  await untilAnswered(world, platform, rig);
  assert.equal(world.calls.length, 3);
  assert.deepEqual(
    platform.delivered.map(({ text }) => text),
    ["re: one", "re: three", "re: two"],
  );
});

test("a message that brings the process down is set aside after three attempts, and the rest flows [R28]", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  platform.post({ text: "poison", chatId: "bad" });
  for (let attempt = 0; attempt < 3; attempt++) {
    const died = Promise.withResolvers<void>();
    world.open({ dieAt: { at: "run.afterStart", nth: 1 }, onDeath: died.resolve });
    await died.promise;
  }
  await using rig = world.open({
    answer: (asked) => (asked === "poison" ? assert.fail("it ran again") : `re: ${asked}`),
  });
  platform.post({ text: "fine", chatId: "good" });
  await untilAnswered(world, platform, rig);
  const seen = Object.fromEntries(platform.delivered.map(({ chatId, text }) => [chatId, text]));
  assert.equal(seen.good, "re: fine");
  assert.match(seen.bad!, /interrupted while I worked on this \(it was tried 3 times\)/);
  assert.ok(
    world.lines.some(({ message, fields }) => message === "turn interrupted by restart" && fields.turnId),
  );
});

test("a hundred chats at once: each keeps its order", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  await using rig = world.open();
  const said: { chatId: string; text: string }[] = [];
  for (let message = 0; message < runs(2, 10); message++) {
    for (let chat = 0; chat < 100; chat++) {
      const one = { chatId: `c${chat}`, text: `m${message}` };
      said.push(one);
      platform.post({ ...one, senderId: one.chatId });
    }
  }
  await untilAnswered(world, platform, rig);
  assert.deepEqual(ledgerFaults(platform, said), []);
});
