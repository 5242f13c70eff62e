import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openGateway } from "../kit/gateway.ts";
import { requireInvariants } from "../kit/invariants.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway, spawnOpenclaw } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";
import { chat, type Sent } from "../kit/traffic.ts";
import { connectWire } from "../kit/wire.ts";

const LONG = process.env.OPENCLAW_TEST_LONG === "1";
/** 300 with OPENCLAW_TEST_LONG=1. */
const KILLS = LONG ? 300 : 20;
/** After so many a gateway may live: a session whose turn was cut off twice waits for that. */
const ROUND = 20;
const CLIENTS = 20;
const ECHO = { agents: { defaults: { model: "demo/echo" } } };

/**
 * Everything acknowledged is answered by a gateway that nobody kills, once and in order. Where chance cut the same turn
 * off three times it looks like what kills, and its sender reads so; returns how many.
 */
async function requireAnswered(state: StateFolder, sent: readonly Sent[]): Promise<number> {
  const givenUp = new Set<string>();
  // A stop in good order ends safe mode, which would let the turns that were cut off wait for a minute.
  await (await openGateway({ state })).stop();
  await using gateway = await openGateway({ state });
  using client = await connectWire(gateway.port, { token: TOKEN });
  for (const { runId } of sent) {
    const { payload } = await client.request("agent.wait", { runId, timeoutMs: 10_000 });
    if (payload.status === "error" && /tried 3 times/.test(payload.error)) givenUp.add(runId);
    else assert.equal(payload.status, "ok", `${runId}: ${JSON.stringify(payload)}`);
  }
  await gateway.stop();
  await requireInvariants(state, { acknowledged: sent, mayFail: (runId) => givenUp.has(runId) });
  return givenUp.size;
}

/** reliability.md R01 and R02: whatever was acknowledged is answered exactly once, in order, over any number of kills. */
test(`SIGKILL at ${KILLS} random moments while ${CLIENTS} clients chat: no accepted turn is lost or answered twice`, {
  timeout: LONG ? 1_800_000 : 120_000,
}, async (context) => {
  using state = makeState(localConfig(await freePort(), ECHO));
  const sent: Sent[] = [];
  const starts: number[] = [];
  let counter = 0;
  let givenUp = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const begun = performance.now();
    await using gateway = await spawnGateway(state);
    starts.push(performance.now() - begun);
    const first = Promise.withResolvers<void>();
    const traffic = chat({
      port: gateway.port,
      clients: CLIENTS,
      gone: gateway.ended,
      next(client) {
        const runId = `run-${++counter}`;
        return { runId, sessionKey: `s${client}`, message: `say 4 words for ${runId}` };
      },
      acknowledged(message) {
        sent.push(message);
        first.resolve();
      },
    });
    await first.promise;
    await sleep(Math.random() * 200);
    gateway.child.kill("SIGKILL");
    await gateway.ended;
    await traffic;
    if ((kill + 1) % ROUND === 0) givenUp = await requireAnswered(state, sent);
  }
  assert.ok(sent.length > KILLS, `only ${sent.length} messages`);
  const [first, ...others] = starts;
  const sorted = others.toSorted((a, b) => a - b);
  const at = (part: number) => Math.round(sorted[Math.floor(part * (sorted.length - 1))]!);
  context.diagnostic(
    `${KILLS} kills, ${sent.length} acknowledged, ${givenUp} of them cut off three times; start: first ${Math.round(first!)} ms, then p50 ${at(0.5)}, p95 ${at(0.95)}, max ${at(1)} ms`,
  );
  if (LONG)
    assert.ok(at(0.5) <= 2 * first!, "a start after a kill takes more than twice as long as a first one");
});

/** The places of reliability.md §5.1 that there are today; each kills once. */
const ON_THE_WAY = [
  "ingress.afterRead",
  "ingress.afterCommit",
  "ingress.beforeAck",
  "run.afterStart",
  "run.midStream@3",
  "run.afterFinalCommit",
] as const;

test("killed at each place on the way of a message: what was acknowledged is answered, what is sent again is not doubled", async () => {
  using state = makeState(localConfig(await freePort(), ECHO));
  const sent: Sent[] = [];
  for (const place of ON_THE_WAY) {
    const [point, nth] = place.split("@");
    const runId = `run-${point}`;
    const plan = `${point}=kill${nth ? `@${nth}` : ""}`;
    await using gateway = await spawnGateway(state, [], { OPENCLAW_FAULT_PLAN: plan });
    const client = await connectWire(gateway.port, { token: TOKEN });
    const message = { sessionKey: "main", message: "say 9 words", idempotencyKey: runId };
    const answer = await Promise.race([
      client.request("chat.send", message),
      client.closed.then(() => undefined),
    ]);
    assert.equal((await gateway.ended).signal, "SIGKILL", place);
    assert.equal(answer === undefined, point!.startsWith("ingress."), `${place}: acknowledged or not`);
    // Whoever got no answer sends it again, under the same key.
    await using next = await openGateway({ state });
    using again = await connectWire(next.port, { token: TOKEN });
    assert.equal((await again.request("chat.send", message)).ok, true);
    const { payload } = await again.request("agent.wait", { runId, timeoutMs: 10_000 });
    assert.equal(payload.status, "ok", `${place}: ${JSON.stringify(payload)}`);
    sent.push({ runId, sessionKey: "main" });
    await next.stop();
  }
  await requireInvariants(state, { acknowledged: sent });
});

test("killed around a tool that changes something: it is not run twice, and the transcript says so", async () => {
  for (const point of ["run.afterToolIntent", "run.afterToolResult"]) {
    using state = makeState(localConfig(await freePort(), ECHO));
    const runId = `run-${point}`;
    {
      await using gateway = spawnOpenclaw(["gateway", "run"], state, {
        OPENCLAW_FAULT_PLAN: `${point}=kill`,
      });
      const [, port] = await gateway.printed(/\[gateway\] listening on :(\d+)[\s\S]*\[gateway\] ready/);
      const client = await connectWire(Number(port), { token: TOKEN });
      const message = { sessionKey: "main", message: "run echo once >> ledger.txt", idempotencyKey: runId };
      void client.request("chat.send", message).catch(() => {});
      assert.equal((await gateway.ended).signal, "SIGKILL");
    }
    await using next = await openGateway({ state });
    using client = await connectWire(next.port, { token: TOKEN });
    const { payload } = await client.request("agent.wait", { runId, timeoutMs: 10_000 });
    assert.equal(payload.status, "error");
    await next.stop();
    await requireInvariants(state, { acknowledged: [{ runId, sessionKey: "main" }], mayFail: () => true });
  }
});
