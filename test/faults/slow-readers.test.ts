import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openGateway } from "../kit/gateway.ts";
import { LONG } from "../kit/long.ts";
import { connectWire } from "../kit/wire.ts";

test("[DOS-10] R20: readers that stop reading are closed with 1013, the others miss nothing", async () => {
  await using busy = await openGateway();
  const { broadcast } = busy.running.services;
  using active = await connectWire(busy.port, { token: busy.token });
  const slow = await Promise.all(
    Array.from({ length: 5 }, () => connectWire(busy.port, { token: busy.token })),
  );
  for (const { socket } of slow) socket.removeAllListeners("message").pause();
  const hash = "x".repeat(64_000);
  const paused = new Map(slow.map((client) => [client.hello.server.connId, client]));
  let sent = 0;
  while (paused.size > 0) {
    broadcast.configChanged({ path: "p", hash, ts: ++sent });
    if (sent % 20 === 0) await active.request("health");
    for (const connection of broadcast.connections()) {
      if (!connection.isClosing()) continue;
      // Whoever reads again soon learns why; whoever does not is cut off.
      paused.get(connection.id)?.socket.resume();
      paused.delete(connection.id);
    }
  }
  const ends = await Promise.all(slow.map(({ closed }) => closed));
  for (const { code, reason } of ends)
    assert.deepEqual([code, reason], [1013, "slow consumer: events are not read"]);
  await active.next((frame) => frame.event === "config.changed" && frame.payload.ts === sent);
  const seqs = active.frames.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
  assert.deepEqual(
    seqs,
    seqs.map((_, at) => seqs[0]! + at),
    "no gap",
  );
  assert.equal((await active.request("health")).ok, true);
  for (const client of slow) client[Symbol.dispose]();
});

/** Sizes on both sides of what is sent in one frame. */
for (const payloadBytes of [3_800, 16_000]) {
  test(`R20: a thousand paused readers of events of ${payloadBytes} bytes cost little and slow down nobody`, {
    skip: LONG ? false : "takes half a minute: OPENCLAW_TEST_LONG=1",
  }, async () => {
    await using busy = await openGateway();
    const { broadcast } = busy.running.services;
    const readers = fork(new URL("../kit/paused-readers.ts", import.meta.url), [
      String(busy.port),
      busy.token,
    ]);
    try {
      await says(readers, "ready");
      await sleep(2_000);
      const beforeBytes = process.memoryUsage.rss();
      let peakBytes = beforeBytes;
      for (let at = 0; at < 2_000; at++) {
        broadcast.configChanged({ path: "p", hash: "x".repeat(payloadBytes), ts: Date.now() });
        await sleep(10);
        peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
      }
      const open = [...broadcast.connections()].filter((each) => !each.isClosing());
      assert.equal(open.length, 50, "whoever reads stays, whoever does not is closed");
      const grownMb = (peakBytes - beforeBytes) / 1e6;
      readers.send("end");
      const { events, p95Ms } = (await once(readers, "message"))[0] as { events: number; p95Ms: number };
      console.log(`${events} events, p95 ${p95Ms} ms, memory +${grownMb.toFixed(0)} MB`);
      assert.ok(events >= 50 * 2_000);
      assert.ok(grownMb <= 100, `memory grew by ${grownMb} MB`);
    } finally {
      readers.kill();
    }
  });
}

async function says(child: ChildProcess, word: string): Promise<void> {
  for (;;) if ((await once(child, "message"))[0] === word) return;
}
