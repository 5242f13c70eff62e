import assert from "node:assert/strict";
import { test } from "node:test";
import { pauseAfter } from "../../src/channels/backoff.ts";
import type { Config } from "../../src/config/schema.ts";
import type { SafeMode } from "../../src/gateway/safe-mode.ts";
import { type ChatWorld, openChatWorld, settle } from "../kit/chat-rig.ts";
import { openLoopback } from "../kit/loopback.ts";

async function pass(world: ChatWorld, ms: number, stepMs = 1_000): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    world.clock.advance(Math.min(stepMs, left));
    await settle(2);
  }
}

const warned = (world: ChatWorld, pattern: RegExp) =>
  world.lines.filter(({ level, message }) => level !== "debug" && pattern.test(message));

test("a connection that stays open and brings nothing is ended and opened anew [chan-silent]", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  await using rig = world.open();
  await settle();
  const { lastProofAt } = rig.status();
  assert.equal(lastProofAt, world.clock.now());
  platform.goSilent();
  platform.post({ text: "is anybody there?" });
  await pass(world, 89_000);
  assert.deepEqual([rig.status().state, platform.connects], ["live", 1]);
  await pass(world, 1_000);
  assert.equal(rig.status().state, "degraded");
  assert.equal(rig.status().reason, "polling stall: no update for 90 s");
  const [line] = warned(world, /polling stall: no update for 90 s/);
  assert.deepEqual([line?.subsystem, line?.fields.fix], ["loopback", "openclaw channels status --probe"]);
  await pass(world, 2_000);
  await platform.sees(1);
  assert.deepEqual([rig.status().state, platform.connects, rig.status().reconnects], ["live", 2, 1]);
});

test("what we send proves nothing: without a poll the connection is dead", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  await using rig = world.open();
  await settle();
  platform.goSilent();
  for (let second = 0; second < 90; second += 10) {
    await rig.desk.send({ idempotencyKey: `k${second}`, channel: "loopback", to: "c1", text: "note" }, 0);
    await pass(world, 10_000, 10_000);
  }
  assert.ok(platform.delivered.length >= 8);
  assert.equal(rig.status().state, "degraded");
});

test("hours of silence and a clock that jumps: attempts are spread, no storm, back within 30 s", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  await using rig = world.open();
  await settle();
  platform.refuse = "network";
  platform.drop();
  await pass(world, 6 * 3_600_000, 10_000);
  const attempts = platform.connects;
  assert.ok(attempts > 600 && attempts < 900, `${attempts} attempts in six hours`);
  platform.refuse = undefined;
  await pass(world, 31_000);
  assert.equal(rig.status().state, "live");
});

test("an attempt that never ends is given up after half a minute, and its late success is closed", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  platform.refuse = "hang";
  await using rig = world.open();
  await settle();
  assert.equal(rig.status().state, "connecting");
  await pass(world, 30_000);
  assert.equal(rig.status().reason, "no connection within 30 s");
  platform.refuse = undefined;
  await pass(world, 2_000);
  assert.equal(rig.status().state, "live");
});

test("pauses: doubled with jitter, the platform's own word counts, settings are not retried", () => {
  const first = { count: 1, forMs: 0 };
  assert.equal(pauseAfter({ kind: "network", retryAfterMs: undefined }, first, 1), 1_000);
  assert.equal(pauseAfter({ kind: "network", retryAfterMs: undefined }, first, 0), 750);
  assert.equal(pauseAfter({ kind: "network", retryAfterMs: undefined }, { count: 50, forMs: 0 }, 1), 30_000);
  assert.equal(pauseAfter({ kind: "rate-limit", retryAfterMs: 120_000 }, first, 1), 120_000);
  assert.equal(pauseAfter({ kind: "config", retryAfterMs: undefined }, first, 1), undefined);
  assert.equal(
    pauseAfter({ kind: "auth", retryAfterMs: undefined }, { count: 50, forMs: 80_000_000 }, 1),
    45_000,
  );
  assert.equal(
    pauseAfter({ kind: "auth", retryAfterMs: undefined }, { count: 50, forMs: 90_000_000 }, 1),
    600_000,
  );
});

test("a connection that comes and goes is a failure that goes on, not a new one each time", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  await using rig = world.open();
  await settle();
  for (let flap = 0; flap < 6; flap++) {
    platform.drop();
    await settle();
    const { nextAttemptAt } = rig.status();
    assert.equal(nextAttemptAt! - world.clock.now(), Math.min(1_000 * 2 ** flap, 30_000));
    await pass(world, Math.min(1_000 * 2 ** flap, 30_000));
    assert.equal(rig.status().state, "live");
  }
});

const TWO: Config = {
  channels: { loopback: { dmPolicy: "open", accounts: { a: { token: "1" }, b: { token: "2" } } } },
};

test("settings that cannot work park one account until they change; the other goes on", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  platform.refuse = "config";
  await using rig = world.open({ config: TWO });
  await settle();
  assert.deepEqual(
    rig.desk.accounts().map(({ state }) => state),
    ["parked", "parked"],
  );
  await pass(world, 600_000, 60_000);
  assert.equal(platform.connects, 2);
  platform.refuse = undefined;
  rig.config = {
    channels: { loopback: { dmPolicy: "open", accounts: { a: { token: "1" }, b: { token: "3" } } } },
  };
  await rig.desk.apply();
  await settle();
  assert.deepEqual(
    rig.desk.accounts().map(({ state }) => state),
    ["parked", "live"],
  );
  await rig.desk.start("loopback", "a");
  await settle();
  assert.deepEqual(
    rig.desk.accounts().map(({ state }) => state),
    ["live", "live"],
  );
});

test("a reload opens anew what differs and nothing else; policies change without it", async () => {
  for (const exclusive of [true, false]) {
    const platform = openLoopback({ exclusive });
    using world = openChatWorld([platform]);
    await using rig = world.open({ config: TWO });
    await settle();
    assert.equal(platform.connects, 2);
    rig.config = {
      channels: { loopback: { dmPolicy: "disabled", accounts: { a: { token: "1" }, b: { token: "2" } } } },
    };
    await rig.desk.apply();
    platform.post({ text: "hello" });
    await settle();
    assert.equal(platform.connects, 2);
    assert.equal(warned(world, /blocked: direct messages are disabled/).length, 1);
    rig.config = { channels: { loopback: { accounts: { a: { token: "1" }, b: { token: "other" } } } } };
    await rig.desk.apply();
    await settle();
    assert.equal(platform.connects, 3);
    rig.config = { channels: { loopback: { accounts: { a: { token: "1" } } } } };
    await rig.desk.apply();
    assert.deepEqual(
      rig.desk.accounts().map(({ accountId, state }) => [accountId, state]),
      [["a", "live"]],
    );
    rig.config = {};
    await rig.desk.apply();
    assert.deepEqual(rig.desk.accounts(), []);
    await settle();
  }
});

test("stopped by hand stays stopped; disabled and incomplete accounts say what to do", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  const accounts = { a: { token: "1" }, off: { token: "2", enabled: false }, bare: { token: "" } };
  await using rig = world.open({ config: { channels: { loopback: { accounts } } } });
  await settle();
  await rig.desk.stop("loopback", "a");
  await rig.desk.apply();
  const rows = rig.desk
    .accounts()
    .map(({ state, reason, fix, configured }) => ({ state, reason, fix, configured }));
  assert.deepEqual(rows, [
    {
      state: "stopped",
      reason: "stopped by hand",
      fix: "openclaw channels start loopback",
      configured: true,
    },
    {
      state: "stopped",
      reason: "disabled in the config",
      fix: "openclaw config set channels.loopback.accounts.off.enabled true",
      configured: true,
    },
    {
      state: "parked",
      reason: "not configured: no token",
      fix: "openclaw config set channels.loopback.token",
      configured: false,
    },
  ]);
  await assert.rejects(rig.desk.start("telegraph"), /channel "telegraph" is not configured/);
  await assert.rejects(
    rig.desk.start("loopback", "x"),
    /unknown accountId "x" of loopback; there are: a, off, bare/,
  );
});

test("safe mode parks the channels, start overrides it, its end opens them", async () => {
  let active = true;
  const over = Promise.withResolvers<void>();
  const safeMode = { active: () => active, over: over.promise } as unknown as SafeMode;
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  await using rig = world.open({ config: TWO, safeMode });
  await settle();
  assert.deepEqual([platform.connects, rig.status().state], [0, "parked"]);
  assert.match(rig.status().reason!, /safe mode/);
  await rig.desk.start("loopback", "a");
  await settle();
  assert.deepEqual(
    rig.desk.accounts().map(({ state }) => state),
    ["live", "parked"],
  );
  active = false;
  over.resolve();
  await settle();
  assert.deepEqual(
    rig.desk.accounts().map(({ state }) => state),
    ["live", "live"],
  );
});

test("a stop is bounded, whatever the platform does; what is not sent waits for the next start [send-telegram-not-connected] [send-delivery-failed]", async () => {
  const platform = openLoopback({ id: "telegram" });
  using world = openChatWorld([platform]);
  const config: Config = { channels: { telegram: { dmPolicy: "open" } } };
  const rig = world.open({ config });
  await settle();
  platform.send = "hang";
  platform.post({ text: "one" });
  await settle();
  platform.refuse = "network";
  platform.drop();
  platform.post({ text: "two", chatId: "c2" });
  await settle();
  await rig.desk.send({ idempotencyKey: "k", channel: "telegram", to: "c3", text: "three" }, 0);
  await pass(world, 3_000);
  assert.equal(warned(world, /^message delivery failed: gateway not connected/).length, 1);
  const stopped = rig[Symbol.asyncDispose]();
  const begun = world.clock.monotonic();
  let ended = false;
  void stopped.then(() => (ended = true));
  while (!ended) await pass(world, 250, 250);
  assert.ok(world.clock.monotonic() - begun < 5_000);
  const [line] = warned(world, /^send failed: gateway not connected/);
  assert.equal(
    `[${line?.subsystem}] ${line?.message}`.slice(0, 46),
    "[telegram] send failed: gateway not connected;",
  );
  platform.send = "ok";
  platform.refuse = undefined;
  await using _next = world.open({ config });
  await pass(world, 3_000);
  const seen = platform.delivered.map(({ text }) => text).toSorted();
  assert.deepEqual(seen, ["re: one", "re: two", "three"]);
});
