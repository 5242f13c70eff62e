import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { LONG } from "../kit/long.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";
import { connectWire, type WireClient } from "../kit/wire.ts";

const TURNS = 20_000;
const WARM_UP = 5_000;
const CLIENTS = 8;

test("20,000 turns leave no memory behind", {
  skip: !LONG ? "takes two minutes: OPENCLAW_TEST_LONG=1" : process.platform !== "linux" && "reads /proc",
}, async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => connectWire(gateway.port, { token: TOKEN })),
  );
  const samples: { turns: number; rssMb: number }[] = [];
  let done = 0;
  const work = async (client: WireClient, lane: number) => {
    while (done < TURNS) {
      const runId = `${lane}-${done++}`;
      // A conversation ends some time, as among people; one without end is cut by other means.
      const sessionKey = `lane${lane}-${Math.floor(done / 800)}`;
      await client.request("chat.send", { sessionKey, message: "say 5 words", idempotencyKey: runId });
      await client.next(({ payload }) => payload?.runId === runId && payload.state === "final");
      client.frames.length = 0;
      if (done % 500 === 0) samples.push({ turns: done, rssMb: rssMb(gateway.child.pid!) });
    }
  };
  await Promise.all(clients.map(work));
  const settled = samples.filter(({ turns }) => turns >= WARM_UP);
  const slope = slopeOf(settled) * 1_000;
  const shown = [settled[0], settled.at(-1)].map((sample) => `${sample!.rssMb.toFixed(0)} MB`).join(" → ");
  console.log(`RSS ${shown}, ${slope.toFixed(2)} MB per 1,000 turns`);
  assert.ok(slope < 1, `${slope} MB per 1,000 turns`);
  for (const client of clients) client[Symbol.dispose]();
});

function rssMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1_024;
}

/** Of the line through the samples, by least squares. */
function slopeOf(samples: readonly { turns: number; rssMb: number }[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanTurns = mean(samples.map(({ turns }) => turns));
  const meanRss = mean(samples.map(({ rssMb }) => rssMb));
  const top = samples.reduce((sum, { turns, rssMb }) => sum + (turns - meanTurns) * (rssMb - meanRss), 0);
  return top / samples.reduce((sum, { turns }) => sum + (turns - meanTurns) ** 2, 0);
}
