import assert from "node:assert/strict";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { idsOf, runDoctor } from "../kit/doctor.ts";
import { call } from "../kit/http.ts";
import { openHeldModel } from "../kit/model.ts";
import { freePort } from "../kit/port.ts";
import { runOpenclaw, spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";
import { connectWire, type WireClient } from "../kit/wire.ts";

const send = (client: WireClient, sessionKey: string, runId: string) =>
  client.request("chat.send", { sessionKey, message: `question ${runId}`, idempotencyKey: runId });
const wait = async (client: WireClient, runId: string) =>
  (await client.request("agent.wait", { runId, timeoutMs: 8_000 })).payload;

test("[crash-loop-starting] [OPS-04] three kills: a turn that ran at two of them waits, everybody else is answered, and a restart ends it", async () => {
  await using model = await openHeldModel();
  using state = makeState(localConfig(await freePort(), model.config));
  for (let kill = 0; kill < 3; kill++) {
    await using gateway = await spawnGateway(state);
    using client = await connectWire(gateway.port, { token: TOKEN });
    if (kill === 1) await send(client, "s1", "parked");
    await model.calls(kill);
    gateway.child.kill("SIGKILL");
    await gateway.ended;
  }
  model.answerAtOnce();
  await using gateway = await spawnGateway(state);
  assert.match(
    gateway.stdout(),
    /\[gateway\] safe mode after 3 crashes in a row; 1 turn waits, new messages are answered\. .*openclaw restart/,
  );
  {
    using client = await connectWire(gateway.port, { token: TOKEN });
    await send(client, "s2", "other");
    assert.equal((await wait(client, "other")).status, "ok");
    assert.equal((await send(client, "s1", "behind")).payload.status, "started");
    const health = await client.request("health", { probe: true });
    assert.equal(health.payload.safeMode.parked, 1);
    assert.equal(model.bodies.length, 3, "two that were cut off, and the other session");
  }
  const ready = await call({ port: gateway.port, path: "/readyz", token: TOKEN });
  assert.equal(ready.status, 200);
  assert.equal(JSON.parse(ready.text).safeMode.takesMessages, true);
  const status = await runHere(["status"], state);
  assert.match(status.stdout, /^Mode: +safe mode after 3 crashes in a row; 1 turn waits/m);
  assert.ok(idsOf(await runDoctor(state)).includes("safe-mode"));

  assert.equal((await runHere(["restart"], state)).code, 0);
  using client = await connectWire(gateway.port, { token: TOKEN });
  for (const runId of ["parked", "behind"]) assert.equal((await wait(client, runId)).status, "ok");
  const { payload } = await client.request("chat.history", { sessionKey: "s1" });
  assert.deepEqual(
    payload.messages.map(({ role, content }: { role: string; content: { text: string }[] }) => [
      role,
      role === "user" ? content[0]!.text : "",
    ]),
    [
      ["user", "question parked"],
      ["assistant", ""],
      ["user", "question behind"],
      ["assistant", ""],
    ],
  );
  assert.doesNotMatch((await runHere(["status"], state)).stdout, /safe mode/);
});

test("[OPS-02] a message that kills the process each time is set aside after its third attempt, and the rest goes on", async () => {
  using state = makeState(localConfig(await freePort(), { agents: { defaults: { model: "demo/echo" } } }));
  const poison = { OPENCLAW_FAULT_PLAN: "run.midStream=kill" };
  for (let attempt = 1; attempt <= 3; attempt++) {
    const gateway = attempt === 1 ? await spawnGateway(state, [], poison) : undefined;
    if (gateway) {
      const client = await connectWire(gateway.port, { token: TOKEN });
      await send(client, "s1", "poison");
      assert.equal((await gateway.ended).signal, "SIGKILL");
    } else {
      // It is resumed, and kills again before or soon after the gateway is ready.
      const { signal } = await runOpenclaw(["gateway", "run"], state, poison);
      assert.equal(signal, "SIGKILL");
    }
  }
  await using gateway = await spawnGateway(state);
  using client = await connectWire(gateway.port, { token: TOKEN });
  const given = await wait(client, "poison");
  assert.equal(given.status, "error");
  assert.match(given.error, /tried 3 times/);
  await send(client, "s1", "next");
  assert.equal((await wait(client, "next")).status, "ok");
});

test("when every message kills, none is taken until nothing has crashed for a while", async () => {
  await using model = await openHeldModel();
  using state = makeState(localConfig(await freePort(), model.config));
  // Both run; both run again; since they were cut off twice, only one of them does.
  for (const calls of [2, 4, 5]) {
    await using gateway = await spawnGateway(state);
    using client = await connectWire(gateway.port, { token: TOKEN });
    if (calls === 2) await Promise.all([send(client, "s1", "a"), send(client, "s2", "b")]);
    await model.calls(calls);
    gateway.child.kill("SIGKILL");
    await gateway.ended;
  }
  await using gateway = await spawnGateway(state);
  using client = await connectWire(gateway.port, { token: TOKEN });
  const { error } = await send(client, "s3", "c");
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.details.code, "SAFE_MODE");
  assert.equal(error.retryable, true);
  const ready = await call({ port: gateway.port, path: "/readyz" });
  assert.equal(ready.status, 503);
  assert.deepEqual(JSON.parse(ready.text).failing, ["safe-mode"]);
});

test("[crash-loop-error] the third start in a row that fails says that it is no single failure", async () => {
  using state = makeState(localConfig(await freePort()));
  const plan = { OPENCLAW_FAULT_PLAN: "start.afterListen=throw" };
  const outputs: string[] = [];
  for (let start = 0; start < 3; start++)
    outputs.push((await runOpenclaw(["gateway", "run"], state, plan)).stdout);
  assert.doesNotMatch(outputs[1]!, /starts in a row/);
  assert.match(outputs[2]!, /\[gateway\] error: 3 starts in a row have failed/);
  await using gateway = await spawnGateway(state);
  assert.doesNotMatch(gateway.stdout(), /safe mode/, "a start that says why it failed is no crash");
});
