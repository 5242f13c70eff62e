import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { openGateway } from "../kit/gateway.ts";
import { requireInvariants } from "../kit/invariants.ts";
import { openHeldModel } from "../kit/model.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";
import { connectWire } from "../kit/wire.ts";

const delta = (frame: { event?: string; payload?: { state?: string } }) =>
  frame.event === "chat" && frame.payload?.state === "delta";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`[shutdown-event] ${signal}: clients are told, sockets close with 1012, the exit code is 0`, async () => {
    using state = makeState(localConfig(await freePort()));
    await using gateway = await spawnGateway(state);
    using client = await connectWire(gateway.port, { token: TOKEN });
    gateway.child.kill(signal);
    assert.equal(
      (await client.next((frame) => frame.event === "shutdown")).payload.reason,
      "gateway stopping",
    );
    assert.deepEqual(await client.closed, { code: 1012, reason: "service restart" });
    const { code, stdout } = await gateway.ended;
    assert.equal(code, 0);
    assert.match(stdout, /\[gateway\] stopped/);
  });
}

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  test(`a turn in flight at ${signal} is on disk and answered by the next start, once`, async () => {
    await using model = await openHeldModel();
    using state = makeState(localConfig(await freePort(), model.config));
    {
      await using gateway = await spawnGateway(state);
      using client = await connectWire(gateway.port, { token: TOKEN });
      const answer = await client.request("chat.send", {
        sessionKey: "main",
        message: "question",
        idempotencyKey: "run-1",
      });
      assert.equal(answer.payload.status, "started");
      await client.next(delta);
      gateway.child.kill(signal);
      const { code } = await gateway.ended;
      assert.equal(code, signal === "SIGTERM" ? 0 : null);
    }
    model.answerAtOnce();
    await using gateway = await spawnGateway(state);
    using client = await connectWire(gateway.port, { token: TOKEN });
    const waited = await client.request("agent.wait", { runId: "run-1", timeoutMs: 10_000 });
    assert.equal(waited.payload.status, "ok");
    const { payload } = await client.request("chat.history", { sessionKey: "main" });
    assert.deepEqual(
      payload.messages.map(({ role, content }: { role: string; content: { text: string }[] }) => [
        role,
        content[0]!.text,
      ]),
      [
        ["user", "question"],
        ["assistant", "answer 2"],
      ],
    );
    assert.equal(model.bodies.length, 2);
    gateway.child.kill("SIGTERM");
    await gateway.ended;
    await requireInvariants(state, { acknowledged: [{ runId: "run-1", sessionKey: "main" }] });
  });
}

for (const impatient of [false, true]) {
  test(`[R26] [OPS-08] SIGTERM${impatient ? " twice" : ""} in 20 streams and 20 turns that wait behind them: everybody is told, nothing is lost`, async () => {
    await using model = await openHeldModel();
    using state = makeState(localConfig(await freePort(), model.config));
    const sent: { runId: string; sessionKey: string }[] = [];
    {
      await using gateway = await spawnGateway(state);
      using client = await connectWire(gateway.port, { token: TOKEN });
      for (let index = 0; index < 40; index++) {
        const [runId, sessionKey] = [`run-${index}`, `s${index % 20}`];
        const message = { sessionKey, message: `question ${index}`, idempotencyKey: runId };
        assert.equal((await client.request("chat.send", message)).payload.status, "started");
        sent.push({ runId, sessionKey });
      }
      await model.calls(16);
      gateway.child.kill("SIGTERM");
      await client.next((frame) => frame.event === "shutdown");
      if (impatient) gateway.child.kill("SIGTERM");
      assert.equal((await gateway.ended).code, impatient ? 1 : 0);
    }
    model.answerAtOnce();
    await using gateway = await openGateway({ state });
    using client = await connectWire(gateway.port, { token: TOKEN });
    for (const { runId } of sent)
      assert.equal((await client.request("agent.wait", { runId, timeoutMs: 10_000 })).payload.status, "ok");
    await gateway.stop();
    await requireInvariants(state, { acknowledged: sent });
  });
}

test("an accepted message survives SIGKILL right after the acknowledgement", async () => {
  using state = makeState(localConfig(await freePort()));
  {
    await using gateway = await spawnGateway(state);
    using client = await connectWire(gateway.port, { token: TOKEN });
    for (let index = 0; index < 5; index++) {
      const sent = client.request("chat.send", {
        sessionKey: `s${index}`,
        message: "say 3 words",
        idempotencyKey: `run-${index}`,
      });
      if (index < 4) void sent;
      else await sent;
    }
    gateway.child.kill("SIGKILL");
    await gateway.ended;
  }
  await using gateway = await spawnGateway(state);
  using client = await connectWire(gateway.port, { token: TOKEN });
  for (let index = 0; index < 5; index++) {
    const waited = await client.request("agent.wait", { runId: `run-${index}`, timeoutMs: 10_000 });
    assert.equal(waited.payload.status, "ok", `run-${index}`);
    const { payload } = await client.request("chat.history", { sessionKey: `s${index}` });
    assert.deepEqual(
      payload.messages.map(({ role }: { role: string }) => role),
      ["user", "assistant"],
    );
  }
});

test("a turn that had changed something is marked, not repeated", async () => {
  using state = makeState(localConfig(await freePort()));
  {
    await using gateway = await spawnGateway(state);
    using client = await connectWire(gateway.port, { token: TOKEN });
    const command = "run echo once >> ledger.txt; sleep 30";
    await client.request("chat.send", { sessionKey: "main", message: command, idempotencyKey: "run-1" });
    await client.next(
      (frame) =>
        frame.event === "agent" && frame.payload.stream === "item" && frame.payload.data.phase === "start",
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    gateway.child.kill("SIGKILL");
    await gateway.ended;
  }
  await using gateway = await spawnGateway(state);
  using client = await connectWire(gateway.port, { token: TOKEN });
  const waited = await client.request("agent.wait", { runId: "run-1", timeoutMs: 5_000 });
  assert.equal(waited.payload.status, "error");
  assert.match(waited.payload.error, /interrupted/);
  assert.equal(readFileSync(join(state.dir, "workspace/ledger.txt"), "utf8"), "once\n");
  const { payload } = await client.request("chat.history", { sessionKey: "main" });
  assert.match(payload.messages.at(-1).content[0].text, /interrupted when the gateway stopped/);
});

test("a stuck model does not hold a stop up", async () => {
  await using model = await openHeldModel();
  using state = makeState(localConfig(await freePort(), model.config));
  await using gateway = await spawnGateway(state);
  const turn = runHere(["agent", "--message", "hello"], state);
  await model.calls(1);
  gateway.child.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
  assert.equal((await turn).code, 1);
});
