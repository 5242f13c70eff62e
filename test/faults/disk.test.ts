import assert from "node:assert/strict";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { call } from "../kit/http.ts";
import { type Namespace, namespaceRefusal, openNamespace } from "../kit/namespace.ts";
import { freePort } from "../kit/port.ts";
import { runOpenclaw, spawnGateway, spawnOpenclaw } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";
import { until } from "../kit/until.ts";
import { connectWire } from "../kit/wire.ts";

const skip = namespaceRefusal();

/** A state folder on a small disk of its own. */
async function onSmallDisk(state: StateFolder): Promise<Namespace> {
  mkdirSync(state.dir, { recursive: true, mode: 0o700 });
  const disk = await openNamespace([{ kind: "tmpfs", at: state.dir, options: "size=8m,mode=700" }]);
  state.through = disk.through;
  return disk;
}

/** Takes the last byte of it. */
function fill(path: string): Disposable {
  const fd = openSync(path, "w");
  for (const size of [65_536, 4_096, 1]) {
    const block = Buffer.alloc(size, "x");
    try {
      while (writeSync(fd, block) > 0);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
    }
  }
  closeSync(fd);
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}

test("[R06] a disk that is full while it runs: nothing is accepted that is not kept, /readyz says why, and it goes on when there is space", {
  skip,
}, async () => {
  using state = makeState();
  await using disk = await onSmallDisk(state);
  const flags = [
    "--allow-unconfigured",
    "--bind",
    "loopback",
    "--token",
    TOKEN,
    "--port",
    String(await freePort()),
  ];
  await using gateway = await spawnGateway(state, flags);
  using client = await connectWire(gateway.port, { token: TOKEN });
  const send = (runId: string) =>
    client.request("chat.send", { sessionKey: "main", message: "say 3 words", idempotencyKey: runId });
  const answered = async (runId: string) =>
    (await client.request("agent.wait", { runId, timeoutMs: 10_000 })).payload.status;
  await send("before");
  assert.equal(await answered("before"), "ok");
  const ready = () => call({ port: gateway.port, path: "/readyz" });

  const full = fill(join(disk.at(state.dir), "fill"));
  const refused = await until("the journal has no room in what it had already", async () => {
    const answer = await send(`try-${Math.random()}`);
    return answer.ok ? undefined : answer.error;
  });
  assert.equal(refused.details.code, "STORAGE_FULL");
  assert.equal(refused.retryable, true);
  const unready = await ready();
  assert.equal(unready.status, 503);
  assert.deepEqual(unready.json.failing, ["storage-full"]);
  assert.equal((await client.request("health")).ok, true, "the control plane lives");

  full[Symbol.dispose]();
  await until("ready again", async () => (await ready()).status === 200);
  assert.equal((await send("after")).payload.status, "started");
  assert.equal(await answered("after"), "ok");
  assert.equal(await answered("before"), "ok");
  gateway.child.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
});

test("[R07] [OPS-01] a start on a full disk ends with 75 and names the place, so that a supervisor tries again; then it starts", {
  skip,
}, async () => {
  using state = makeState();
  await using disk = await onSmallDisk(state);
  const flags = ["gateway", "run", "--allow-unconfigured", "--bind", "loopback", "--token", TOKEN];
  const run = async () => [...flags, "--port", String(await freePort())];
  {
    using _full = fill(join(disk.at(state.dir), "fill"));
    const { code, stderr } = await runOpenclaw(await run(), state);
    assert.equal(code, 75, stderr);
    assert.ok(stderr.includes(state.dir), stderr);
    assert.match(stderr, /no space left|disk is full|No space is left/i);
  }
  await using gateway = spawnOpenclaw(await run(), state);
  await gateway.printed(/\[gateway\] ready/);
});

test("[R07] [OPS-01] a start on a read-only disk ends with 75", { skip }, async () => {
  using state = makeState(localConfig(await freePort()));
  await using disk = await openNamespace([{ kind: "bind", from: state.dir, to: state.dir, readOnly: true }]);
  state.through = disk.through;
  const { code, stderr } = await runOpenclaw(["gateway", "run"], state);
  assert.equal(code, 75, stderr);
  assert.match(stderr, /EROFS|read-only/);
  assert.ok(stderr.includes(state.dir), stderr);
});
