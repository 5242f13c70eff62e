import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { lastGoodPath, promoteLastGood, readLastGood } from "./last-good.ts";
import { loadConfig } from "./load.ts";
import { tempConfig, WRITTEN } from "./state.fixture.ts";

const load = async (state: ReturnType<typeof tempConfig>) => await loadConfig(state.input);

test("[CONF-05] [H7] what a gateway runs with is kept byte for byte, 0600 whatever the umask is", async (t) => {
  using state = tempConfig(WRITTEN);
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  assert.deepEqual(await promoteLastGood(await load(state)), { kind: "promoted", damaged: false });
  const file = `${state.configPath}.last-good`;
  assert.equal(file, lastGoodPath(state.configPath));
  assert.equal(readFileSync(file, "utf8"), WRITTEN);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(await promoteLastGood(await load(state)), { kind: "unchanged" });
});

test("[config-promotion-skipped] a redacted secret is never promoted", async () => {
  using state = tempConfig({ channels: { telegram: { botToken: "***" } } });
  assert.deepEqual(await promoteLastGood(await load(state)), {
    kind: "skipped",
    message:
      "Config last-known-good promotion skipped: redacted secret placeholder at channels.telegram.botToken",
  });
  assert.equal(readLastGood(state.configPath), undefined);
});

test("[config-promotion-skipped] nor one in an included file", async () => {
  using state = tempConfig({ channels: { $include: "./c.json" } });
  writeFileSync(join(state.dir, "c.json"), '{"telegram": {"botToken": "__OPENCLAW_REDACTED__"}}');
  assert.equal((await promoteLastGood(await load(state))).kind, "skipped");
});

test("a place that cannot be written is a reason to skip, not to fail", async () => {
  using state = tempConfig(WRITTEN);
  mkdirSync(lastGoodPath(state.configPath));
  const promotion = await promoteLastGood(await load(state));
  assert.ok(promotion.kind === "skipped");
  assert.match(promotion.message, /^Config last-known-good promotion skipped: /);
});

test("without a file there is nothing to keep", async () => {
  using state = tempConfig();
  assert.deepEqual(await promoteLastGood(await load(state)), { kind: "unchanged" });
});

for (const [name, text] of [
  ["half of one", "{ gateway: {"],
  ["nothing", ""],
  ["zeros", "\0".repeat(300)],
  ["no object", "[1]"],
]) {
  test(`[R04] a damaged one is replaced, and that is said: ${name}`, async () => {
    using state = tempConfig(WRITTEN);
    writeFileSync(lastGoodPath(state.configPath), text!);
    assert.deepEqual(await promoteLastGood(await load(state)), { kind: "promoted", damaged: true });
    assert.equal(readLastGood(state.configPath), WRITTEN);
  });
}
