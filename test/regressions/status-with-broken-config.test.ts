import assert from "node:assert/strict";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState } from "../kit/state.ts";

test("a config broken while the gateway runs does not hide the gateway from `status`", async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  // The first promotion happens behind the boot; after it the last good version is on disk.
  await gateway.printed(/\[gateway\] model:/);
  const first = await runHere(["status"], state);
  assert.equal(first.code, 0, first.stderr);
  state.write('{ "gateway": ');
  for (let attempt = 0; attempt < 50; attempt++) {
    const { code, stdout, stderr } = await runHere(["status"], state);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /notice: the config file is broken/);
    if (stdout.includes("the last good version is served")) return;
  }
  assert.fail("status never said that the file is not in force");
});
