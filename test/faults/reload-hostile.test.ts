import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { edit, followedConfig, linesWith, reloadStatus } from "../kit/reload.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";
import { until } from "../kit/until.ts";
import { connectWire } from "../kit/wire.ts";

/** HOSTILE_BYTES makes them larger; a config may have 4,000,000. */
const BYTES = Number(process.env.HOSTILE_BYTES ?? 700_000);

/** `part` again and again between a head and a tail. */
function filled(head: string, part: (i: number) => string, tail: string): string {
  const parts = [head];
  let size = head.length + tail.length;
  for (let i = 0; size < BYTES; i++) {
    const next = part(i);
    size += next.length;
    parts.push(next);
  }
  return parts.join("") + tail;
}

/** Large edits that keep a careless reader busy. */
const HOSTILE: Record<string, () => string> = {
  "deep brackets": () => filled("{ a: ", () => "[", ""),
  "a huge list": () => filled('{"gateway":{"mode":"local"},"ui":[', () => "1,", '1],"x":1}'),
  "a huge list of JSON5": () => filled("{gateway:{mode:'local'},ui:[", () => "1,", "1],x:1}"),
  "unknown keys": () => filled('{"gateway":{"mode":"local"', (i) => `,"unknown_key_${i}":1`, "}}"),
  "wrong values": () => filled('{"env":{"vars":{"x":1', (i) => `,"K${i}":1`, "}}}"),
  "agents without end": () => filled('{"agents":{"list":[{}', (i) => `,{"id":"a${i}","z":1}`, "]}}"),
  "one key many times": () => filled("{ gateway: {mode:'local'}, ", () => "a:1, ", "}"),
  "a string without end": () => filled('{"a": "', () => "xxxxxxxx", ""),
  "one long line": () => filled('{ a: "', () => "yyyyyyyy", '" }'),
  "a long key": () => filled('{"gateway":{"', () => "zzzzzzzz", '":1}}'),
  backslashes: () => filled('{"a":"', () => "\\", ""),
  comments: () => filled("\n", () => "/**/", ""),
  quotes: () => filled("", () => '"', ""),
  "unset variables": () => filled('{"gateway":{"mode":"local"},"ui":[""', (i) => `,"\${N${i}}"`, "]}"),
};

/** Written like an editor does, and without keeping this thread busy. */
async function save({ state }: Pick<TestGateway, "state">, text: string): Promise<void> {
  await writeFile(`${state.configPath}.new`, text);
  await rename(`${state.configPath}.new`, state.configPath);
}

const issueOf = (gateway: TestGateway) => reloadStatus(gateway).issues?.[0];

/**
 * What blocks the thread for longer than this blocks it for as long as the text takes to read, which is seconds; a
 * machine that is busy with other tests does not come near.
 */
const MAX_DELAY_MS = 250;

test("[CONF-04] hostile edits are read beside the main thread: it is never busy with them, and each is reported once", async (t) => {
  using state = makeState(followedConfig());
  await using gateway = await openGateway({ state });
  using client = await connectWire(gateway.port, { token: TOKEN });
  await until("the watch is there", () => linesWith(gateway, "ready").length > 0);
  const texts = Object.entries(HOSTILE).map(([name, make]) => [name, make()] as const);
  const delays: Record<string, number> = {};

  for (const [name, text] of texts) {
    const before = issueOf(gateway);
    const complaints = linesWith(gateway, "config reload skipped").length;
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    await save(gateway, text);
    await until(`${name} is refused`, () => issueOf(gateway) !== undefined && issueOf(gateway) !== before);
    delay.disable();
    delays[name] = Math.round(delay.max / 1e6);
    assert.equal(linesWith(gateway, "config reload skipped").length, complaints + 1, name);
    assert.ok((await client.request("health")).ok, name);
    assert.ok(issueOf(gateway)!.length < 1_000, name);
  }
  t.diagnostic(`longest delays in ms: ${JSON.stringify(delays)}`);
  assert.ok(Math.max(...Object.values(delays)) < MAX_DELAY_MS, JSON.stringify(delays));

  const { payload: shown } = await client.request("config.get", {});
  assert.deepEqual([shown.valid, shown.raw], [false, null]);
  await edit(gateway, { agents: { defaults: { model: "demo/last" } } });
  assert.equal(reloadStatus(gateway).state, "current");
});

test("[CONF-04] a good edit does not wait for the look at a hostile one that came before it", async () => {
  using state = makeState(followedConfig());
  await using gateway = await openGateway({ state });
  await until("the watch is there", () => linesWith(gateway, "ready").length > 0);
  await save(gateway, HOSTILE["unknown keys"]!());
  await sleep(60);
  await edit(gateway, { agents: { defaults: { model: "demo/last" } } });
});

test("[CONF-04] config.get looks at a broken file beside the main thread, many callers share one look", async () => {
  using state = makeState(followedConfig({ gateway: { reload: { mode: "off" } } }));
  await using gateway = await openGateway({ state });
  using client = await connectWire(gateway.port, { token: TOKEN });
  await save(gateway, HOSTILE["wrong values"]!());
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const views = await Promise.all(Array.from({ length: 20 }, () => client.request("config.get", {})));
  delay.disable();
  assert.ok(delay.max / 1e6 < MAX_DELAY_MS, String(delay.max / 1e6));
  for (const { payload } of views) assert.deepEqual([payload.valid, payload.raw], [false, null]);
  assert.ok(views[0]!.payload.issues.length <= 1_000);
});

test("[CONF-04] the real process answers while it looks at a hostile edit, and serves the last good version", async () => {
  using state = makeState(localConfig(await freePort(), { agents: { defaults: { model: "demo/echo" } } }));
  await using gateway = await spawnGateway(state);
  await gateway.printed(/\[gateway\] model:/);
  const good = readFileSync(state.configPath, "utf8");
  await save({ state }, HOSTILE["unknown keys"]!());
  const refused = gateway.printed(/config reload skipped \(invalid config\): gateway: Unrecognized key/);
  let longestMs = 0;
  let over = false;
  void refused.finally(() => {
    over = true;
  });
  while (!over) {
    const start = performance.now();
    assert.equal((await call({ port: gateway.port, path: "/healthz" })).status, 200);
    longestMs = Math.max(longestMs, performance.now() - start);
    await sleep(5);
  }
  await refused;
  assert.ok(longestMs < 1_000, `${longestMs} ms`);
  await save({ state }, good.replace("demo/echo", "demo/last"));
  await gateway.printed(/config reloaded: agents\.defaults\.model/);
  gateway.child.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
});
