import assert from "node:assert/strict";
import { test } from "node:test";
import { bootsOf, endBackgroundGateway } from "../kit/background.ts";
import { runHere } from "../kit/command.ts";
import { freePort } from "../kit/port.ts";
import { runOpenclaw, spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";
import { connectWire } from "../kit/wire.ts";

test("restart --safe waits for the turn that runs, and says so; without patience nothing is stopped", async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  using client = await connectWire(gateway.port, { token: TOKEN, scopes: ["operator.admin"] });
  const send = (message: string, idempotencyKey: string) =>
    client.request("chat.send", { sessionKey: "main", message, idempotencyKey });
  await send("run sleep 2", "long");

  const hasty = await runHere(["restart", "--safe", "--wait", "200ms"], state);
  assert.equal(hasty.code, 1);
  assert.match(hasty.stderr, /still at work[\s\S]*1 turns run[\s\S]*openclaw restart/);
  assert.equal(bootsOf(state).length, 1);

  const patient = await runHere(["restart", "--safe"], state);
  assert.equal(patient.code, 0, patient.stderr);
  assert.match(patient.stderr, /waiting for what goes on/);
  assert.ok(client.frames.some(({ event, payload }) => event === "chat" && payload.state === "final"));
  assert.equal(bootsOf(state).length, 2);
});

test("restart --force takes the place of a gateway that does not answer", {
  skip: process.platform === "win32",
}, async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  gateway.child.kill("SIGSTOP");
  try {
    const { code, stdout, stderr } = await runOpenclaw(["restart", "--force"], state);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Gateway started in the background: \d+\.\nGateway is ready on :\d+$/m);
    assert.equal((await gateway.ended).signal, "SIGKILL");
  } finally {
    await endBackgroundGateway(state);
  }
});
