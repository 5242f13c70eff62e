import assert from "node:assert/strict";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState } from "../kit/state.ts";

test("`config set gateway.port` says that a running gateway follows, and it does", async () => {
  using state = makeState(localConfig(await freePort()));
  const stopped = await runHere(["config", "set", "gateway.port", String(await freePort())], state);
  assert.doesNotMatch(stopped.stderr, /by itself/);
  await using gateway = await spawnGateway(state);
  // The watch begins behind the boot.
  await gateway.printed(/\[gateway\] model:/);
  const port = await freePort();
  const { code, stderr } = await runHere(["config", "set", "gateway.port", String(port)], state);
  assert.equal(code, 0);
  assert.match(stderr, /notice: the running gateway sees the change and moves to the new address by itself/);
  await gateway.printed(new RegExp(`listening on :${port}`));
  assert.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 200);
});
