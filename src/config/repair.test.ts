import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidConfig } from "./invalid.ts";
import { parsePath } from "./path.ts";
import { tempConfig } from "./state.fixture.ts";
import { repairConfig, updateConfig } from "./store.ts";

const BROKEN = '{ gateway: { mode: "local", prot: 1, port: 99999 }, bogus: true }';

const repair = (state: ReturnType<typeof tempConfig>, path: string, value?: unknown) =>
  repairConfig({ ...state.input, edits: [{ path: parsePath(path), value }] });

test("[config-invalid-at] three mistakes are repaired one at a time", async () => {
  using state = tempConfig(BROKEN);
  const first = await repair(state, "gateway.prot");
  assert.ok(first.kind === "partly");
  assert.deepEqual(
    first.remaining.map(({ path }) => path),
    ["<root>", "gateway.port"],
  );
  assert.equal((await repair(state, "gateway.port", 18_800)).kind, "partly");
  const last = await repair(state, "bogus");
  assert.ok(last.kind === "written");
  assert.deepEqual(last.loaded.config.gateway, { mode: "local", port: 18_800 });
});

test("an edit elsewhere does not have to repair anything", async () => {
  using state = tempConfig(BROKEN);
  assert.equal((await repair(state, "cron.enabled", true)).kind, "partly");
  assert.match(state.text(), /enabled: true/);
  const again = await repair(state, "cron.enabled", true);
  assert.deepEqual([again.kind, "written" in again && again.written], ["partly", false]);
});

const NEW_PROBLEMS: [path: string, value: unknown, message: RegExp][] = [
  ["gateway.port", 88_888, /gateway\.port: .*got 88888/],
  ["gateway.bnid", "lan", /gateway: Unrecognized key: "bnid"/],
  ["gateway", { mode: "local", wrong: 1 }, /gateway: Unrecognized key: "wrong"/],
  ["stuff", 1, /<root>: Unrecognized key: "stuff"/],
  ["$include", "./none.json", /\$include: File not found/],
  ["logging.$include", "./none.json", /\$include: File not found/],
];
for (const [path, value, message] of NEW_PROBLEMS) {
  test(`${path} = ${JSON.stringify(value)} adds a mistake and is refused`, async () => {
    using state = tempConfig(BROKEN);
    await assert.rejects(repair(state, path, value), message);
    assert.equal(state.text(), BROKEN);
  });
}

test("a mistake that was hidden behind another one may show", async () => {
  using state = tempConfig('{ gateway: { prot: 1 }, agents: { list: [{ id: "a" }, { id: "a" }] } }');
  const result = await repair(state, "gateway.prot");
  assert.ok(result.kind === "partly");
  assert.match(result.remaining[0]!.message, /Repeated agent id/);
});

test("a broken include is repaired", async () => {
  using state = tempConfig('{ gateway: { $include: "./none.json" } }');
  assert.equal((await repair(state, "gateway.$include")).kind, "written");
});

test("what is no JSON5 cannot be edited", async () => {
  using state = tempConfig("{ gateway: {");
  await assert.rejects(repair(state, "gateway.port", 1), InvalidConfig);
});

test("other writers still need the whole file to be valid", async () => {
  using state = tempConfig(BROKEN);
  const edits = [{ path: ["gateway", "prot"], value: undefined }];
  await assert.rejects(updateConfig({ ...state.input, edits }), /^Fault: Config validation failed: /);
  assert.equal(state.text(), BROKEN);
});
