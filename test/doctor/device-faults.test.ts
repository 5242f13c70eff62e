import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { connectDevice, ELSEWHERE, makeDevice } from "../kit/device.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";

interface Reported {
  id: string;
  title: string;
  fix: string;
  evidence: string[];
  repair?: { does: string };
}

async function findings(state: StateFolder, ...args: string[]): Promise<Reported[]> {
  const { stdout } = await runHere(["doctor", "--only", "devices", "--json", ...args], state);
  return JSON.parse(stdout).findings;
}

test("[pairing-required-not-paired] the doctor names devices that wait, with the command that lets them in", async () => {
  const port = await freePort();
  using state = makeState(localConfig(port, { gateway: { trustedProxies: ["127.0.0.1"] } }));
  await using _gateway = await spawnGateway(state);
  assert.deepEqual(await findings(state), []);
  const device = makeDevice();
  const ask = async (scopes: string[]) => {
    using client = await connectDevice(port, device, { token: TOKEN, scopes }, ELSEWHERE);
    return client.answer.error.details.requestId as string;
  };
  const requestId = await ask(["operator.read"]);
  const [waiting] = await findings(state);
  assert.equal(waiting?.id, "pairing-required");
  assert.equal(waiting.fix, `openclaw devices approve ${requestId}`);
  assert.ok(waiting.evidence[0]!.includes(device.id));
  assert.equal((await runHere(waiting.fix.split(" ").slice(1), state)).code, 0);
  assert.deepEqual(await findings(state), []);
  await ask(["operator.admin"]);
  assert.equal((await findings(state))[0]?.id, "pairing-upgrade");
});

/** The command line was paired by its device, and knows no other secret of the gateway that runs now. */
async function pairedCommandLine() {
  const port = await freePort();
  const state = makeState(localConfig(port, { gateway: { auth: { mode: "none" } } }));
  {
    await using _open = await spawnGateway(state);
    assert.equal((await runHere(["health"], state)).code, 0);
  }
  state.write(localConfig(port, { gateway: { auth: { mode: "token" } } }));
  const start = () => spawnGateway(state, ["--token", "SEC-only-this-run-knows-it"]);
  const own = () => JSON.parse(readFileSync(join(state.dir, "data/own-device.json"), "utf8"));
  return { port, state, start, own };
}

async function rotateOwn(state: StateFolder): Promise<string> {
  const { stdout } = await runHere(["devices", "list"], state);
  const [deviceId] = /[0-9a-f]{64}/.exec(stdout)!;
  const args = ["devices", "rotate", "--device", deviceId!, "--role", "operator"];
  assert.equal((await runHere(args, state)).code, 0);
  return deviceId!;
}

test("[devtok-status-line] [devtok-repair-hint] [devtok-plain] R16: doctor --fix && restart heals this machine's own device token", async () => {
  const { state, start } = await pairedCommandLine();
  using _ = state;
  await using _gateway = await start();
  assert.equal((await runHere(["health"], state)).code, 0, "the stored token is enough");
  await rotateOwn(state);
  const health = await runHere(["health"], state);
  assert.equal(health.code, 1);
  assert.match(health.stderr, /^Error: device token mismatch — please re-pair this device$/m);
  assert.match(health.stderr, /fix: openclaw doctor --fix && openclaw restart/);
  const [stale] = await findings(state);
  assert.equal(stale?.id, "device-token-mismatch");
  assert.equal(stale.title, "openclaw gateway device token mismatch");

  const fixed = await runHere(["doctor", "--fix"], state);
  assert.equal(fixed.code, 0, fixed.stdout + fixed.stderr);
  assert.match(fixed.stdout, /get a new token for this machine/);
  assert.equal((await runHere(["restart"], state)).code, 0);
  assert.equal((await runHere(["health"], state)).code, 0);
  assert.deepEqual(await findings(state), []);
});

test("the same while the gateway is down", async () => {
  const { state, start } = await pairedCommandLine();
  using _ = state;
  await rotateOwn(state);
  assert.equal((await findings(state))[0]?.id, "device-token-mismatch");
  assert.equal((await runHere(["doctor", "--fix", "--only", "devices"], state)).code, 0);
  await using _gateway = await start();
  assert.equal((await runHere(["health"], state)).code, 0);
});

test("a device that was removed is not paired again by the doctor: its token is thrown away", async () => {
  const { state, start, own } = await pairedCommandLine();
  using _ = state;
  await using _gateway = await start();
  const deviceId = await rotateOwn(state);
  assert.equal((await runHere(["devices", "remove", deviceId], state)).code, 0);
  assert.equal((await runHere(["doctor", "--fix", "--only", "devices"], state)).code, 0);
  assert.deepEqual(own().tokens, {});
  const { stdout } = await runHere(["devices", "list"], state);
  assert.match(stdout, /Paired \(0\)/);
  assert.equal((await runHere(["doctor", "--undo"], state)).code, 0);
  assert.notDeepEqual(own().tokens, {});
});

test("a damaged database of devices costs the pairings only, and is reported", async () => {
  const port = await freePort();
  using state = makeState(localConfig(port));
  {
    await using _first = await spawnGateway(state);
    using client = await connectDevice(port, makeDevice(), { token: TOKEN });
    assert.equal(client.answer.ok, true);
  }
  const file = join(state.dir, "data/devices.sqlite");
  writeFileSync(file, "no database any more ".repeat(500));
  // It would bring the pages back that it still has.
  rmSync(`${file}-wal`, { force: true });
  await using gateway = await spawnGateway(state);
  assert.equal((await runHere(["status"], state)).code, 0);
  using again = await connectDevice(port, makeDevice(), { token: TOKEN });
  assert.equal(again.answer.ok, true);
  assert.match(gateway.stdout(), /the database of paired devices was damaged and set aside/);
  assert.deepEqual(
    (await findings(state)).map(({ id }) => id),
    ["devices-set-aside"],
  );
});
