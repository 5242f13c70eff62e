import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway, spawnOpenclaw } from "../kit/process.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";
import { connectWire } from "../kit/wire.ts";

test("a pasted error that is so on this machine: what it is, what was seen, what to do", async () => {
  using state = makeState({ gateway: { port: 18999 } });
  const pasted = "19:33:01 [gateway] start blocked — config key\n  gateway.mode has no value";
  const { code, stdout } = await runHere(["explain", pasted], state);
  assert.equal(code, 0);
  assert.match(stdout, /^gateway\.mode .* \[gateway-mode-unset\]$/m);
  assert.match(stdout, /It is so on this machine: \(checked: gateway-mode\)/);
  assert.match(stdout, /has no gateway\.mode: gateway\.mode is unset; gateway start will be blocked/);
  assert.match(stdout, /fix: openclaw config set gateway\.mode local/);
});

test("the same where it is not so", async () => {
  using state = makeState(localConfig(await freePort()));
  const before = readFileSync(state.configPath);
  const { code, stdout } = await runHere(["explain", "gateway.mode is unset"], state);
  assert.equal(code, 0);
  assert.match(stdout, /It is not so on this machine now\. \(checked: gateway-mode\)/);
  assert.match(stdout, /^fix: openclaw config set gateway\.mode local$/m);
  assert.deepEqual(readFileSync(state.configPath), before);
});

test("words without quotes, and text from stdin, in the words of a Chinese guide", async () => {
  using state = makeState(localConfig(await freePort()));
  const words = [
    "explain",
    "--json",
    "Error:",
    "listen",
    "EADDRINUSE:",
    "address",
    "already",
    "in",
    "use",
    ":::3001",
  ];
  assert.equal(JSON.parse((await runHere(words, state)).stdout).recognised[0].id, "port-taken");
  const piped = spawnOpenclaw(["explain", "--json", "--no-checks"], state, {}, "pipe");
  piped.child.stdin!.end("我的問題:資料在重建後未保留,怎麼辦?\n");
  const { code, stdout } = await piped.ended;
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).recognised[0].id, "container-no-volume");
});

test("what nobody knows is exit code 1 and claims nothing", async () => {
  using state = makeState(localConfig(await freePort()));
  const { code, stdout } = await runHere(["explain", "bake the cake for forty minutes"], state);
  assert.equal(code, 1);
  assert.match(stdout, /No known message/);
});

test("over the wire: meanings, and whether the gateway sees it", async () => {
  const config = localConfig(await freePort());
  using state = makeState(config);
  await using gateway = await spawnGateway(state);
  state.write({ ...config, bogus: 1 });
  await gateway.printed(/config reload skipped/);
  using client = await connectWire(gateway.port, { token: TOKEN });
  const { payload } = await client.request("doctor.explain", {
    text: "Invalid config at /x/openclaw.json:1:1",
  });
  assert.deepEqual([payload.recognised[0].id, payload.recognised[0].isHere], ["config-invalid", true]);
  assert.equal((await client.request("doctor.explain", { text: "" })).ok, false);
});
