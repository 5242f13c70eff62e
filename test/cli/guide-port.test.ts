import assert from "node:assert/strict";
import { test } from "node:test";
import { type Container, makeRoot, noContainer, OUTER_ADDRESS, runContainer } from "../kit/container.ts";

/** The port of the guides is a real one here: a machine of its own, which is no container for the gateway. */

const skip = noContainer;
const HEALTHY = '{"ok":true,"status":"live"}';

function machine(root: ReturnType<typeof makeRoot>): Container {
  const command = ["/bin/sh", "-c", "while :; do sleep 1; done"];
  return runContainer({ root, command, env: { OPENCLAW_IN_CONTAINER: "0" } });
}

async function does(on: Container, line: string): Promise<string> {
  const { code, stdout, stderr } = await on.exec(line);
  assert.equal(code, 0, `${line}\n${stdout}\n${stderr}`);
  return stdout;
}

const CURL = "curl -s http://localhost:3001/health";

const FOLLOWERS = [
  {
    name: "a config in the words of a guide",
    lines: `mkdir ~/.openclaw; echo '{ "gateway": { "mode": "hybrid", "token": "stable-token-0123456789" } }' > ~/.openclaw/openclaw.json; openclaw restart`,
  },
  { name: "the mode in the environment", lines: "OPENCLAW_GATEWAY_MODE=local openclaw restart" },
  {
    name: "the port in the config",
    lines: "openclaw setup; openclaw config set gateway.port 3001; openclaw restart",
  },
];
for (const { name, lines } of FOLLOWERS) {
  test(`R1: curl :3001/health works with ${name}`, { skip }, async () => {
    using root = makeRoot();
    await using on = machine(root);
    await does(on, lines);
    assert.equal(await does(on, CURL), HEALTHY);
    assert.equal(
      (await on.exec(`curl -s http://${OUTER_ADDRESS}:3001/health`)).code,
      7,
      "for this machine only",
    );
  });
}

test("R1: without any of them restart says which port it is, and one setting adds the other", {
  skip,
}, async () => {
  using root = makeRoot();
  await using on = machine(root);
  await does(on, "openclaw setup; openclaw config set gateway.mode local");
  const { code, stdout, stderr } = await on.exec("openclaw restart");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Gateway is ready on :18789$/m);
  assert.equal(stderr, "notice: listening on :18789 (older guides say 3001)\n");
  assert.equal((await on.exec(CURL)).code, 7);
  await does(on, "openclaw config set gateway.extraPorts '[3001]'; openclaw restart");
  assert.equal(await does(on, CURL), HEALTHY);
  assert.equal(await does(on, "curl -sf http://localhost:3001/health || openclaw restart"), HEALTHY);
});

test("R1: a port of the guides that is taken is a warning", { skip }, async () => {
  using root = makeRoot();
  await using on = machine(root);
  const holder = `node -e 'require("net").createServer().listen(3001,"127.0.0.1")' & sleep 0.5`;
  await does(on, `${holder}; OPENCLAW_GATEWAY_MODE=local openclaw restart; kill $!`);
  assert.match(await does(on, "openclaw logs"), /extra port 3001 not used: .*already in use/);
});
