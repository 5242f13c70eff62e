import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bundlesDir, writeBundleFile } from "../../src/platform/stability-bundles.ts";
import { runHere } from "../kit/command.ts";
import { openGateway } from "../kit/gateway.ts";
import { freePort } from "../kit/port.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";
import { unzip } from "../kit/unzip.ts";

const KEY = "SEC-provider-key-77aa11";
const models = {
  providers: {
    acme: {
      baseUrl: "https://me:SEC-url-password@acme.example/v1",
      api: "openai-completions",
      apiKey: KEY,
      models: [{ id: "m" }],
    },
  },
};

test("gateway stability: events of this run as a table and as data; what is wrong is told", async () => {
  await using gateway = await openGateway();
  const { ring } = gateway.running.services.stability;
  ring.record("memory.pressure", {
    level: "shedding",
    rssBytes: 10 * 1_048_576,
    topConsumer: "the \u001b[2Jheap",
  });
  ring.record("client.slow", { conn: "c-1", unreadBytes: 1 });
  const stability = (...args: string[]) =>
    runHere(["gateway", "stability", ...args, "--port", String(gateway.port)], gateway.state);
  const [table, data, none] = await Promise.all([
    stability(),
    stability("--json", "--type", "client.slow", "--since", "1"),
    stability("--bundle", "latest"),
  ]);
  assert.equal(table.code, 0);
  assert.match(table.stdout, /^This run of the gateway: 2 events\n {2}memory\.pressure 1, client\.slow 1\n/);
  assert.match(
    table.stdout,
    /memory\.pressure {3}level=shedding rss=10\.0MB topConsumer="the \\u001b\[2Jheap"\n/,
  );
  const { source, events } = JSON.parse(data.stdout);
  assert.equal(source, "gateway");
  assert.deepEqual(
    events.map(({ seq, type }: { seq: number; type: string }) => [seq, type]),
    [[2, "client.slow"]],
  );
  assert.equal(none.code, 1);
  assert.match(
    none.stderr,
    /^there is no stability bundle in .*\n {2}One is written when .*\n {2}fix: openclaw gateway stability\n$/,
  );
});

test("a place that is not there, and a file that is no bundle, are said in plain words", async () => {
  using state = makeState(localConfig(await freePort()));
  mkdirSync(state.dir, { recursive: true });
  const [nowhere, other] = await Promise.all([
    runHere(["gateway", "diagnostics", "export", "-o", "/no/such/folder/x.zip"], state),
    runHere(["gateway", "stability", "--bundle", import.meta.filename], state),
  ]);
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /bad value for --output: there is no folder \/no\/such\/folder\n/);
  assert.equal(other.code, 1);
  assert.match(other.stderr, /cannot be read as a stability bundle: it is no JSON object\n/);
});

test("a gateway that is down: the newest bundle speaks for it", async () => {
  using state = makeState(localConfig(await freePort()));
  const paths = { logsDir: join(state.dir, "logs") };
  const write = (atMs: number, reason: "start_failed" | "crash_storm") =>
    writeBundleFile(
      bundlesDir(paths),
      { reason, atMs, pid: 1 },
      {
        version: 1,
        generatedAt: new Date(atMs).toISOString(),
        reason,
        error: { message: "it broke" },
        stability: {
          count: 1,
          dropped: 0,
          summary: { byType: {} },
          events: [{ seq: 1, ts: atMs, type: "process.error" }],
        },
      },
    );
  write(Date.now() - 60_000, "start_failed");
  const newest = write(Date.now(), "crash_storm");
  const { code, stdout, stderr } = await runHere(["gateway", "stability"], state);
  assert.equal(code, 0);
  assert.match(stderr, /^notice: gateway connect failed: .*; this is the newest bundle instead\n$/);
  assert.match(stdout, /^Bundle of \S+ \S+ \(crash_storm\): 1 event\n/);
  assert.ok(stdout.includes(newest));
  assert.match(stdout, /error: it broke/);
});

test("[CONF-09] diagnostics export: everything that helps, nothing that is secret, with the gateway up", async () => {
  await using gateway = await openGateway({ config: { models } });
  const { running, port, state } = gateway;
  running.services.sink.log.warn("from a phone", { sessionKey: "agent:main:whatsapp:+491701234567" });
  running.services.sink.flush();
  const output = join(state.dir, "..", "help.zip");
  const run = await runHere(
    ["gateway", "diagnostics", "export", "--output", output, "--json", "--port", String(port)],
    state,
  );
  assert.equal(run.code, 0, run.stderr);
  const told = JSON.parse(run.stdout);
  assert.equal(told.path, output);
  assert.deepEqual(told.problems, []);
  assert.equal(statSync(output).mode & 0o777, 0o600);
  const files = unzip(readFileSync(output));
  const text = (name: string) => files.get(name)?.data.toString() ?? "";
  for (const name of [
    "summary.md",
    "manifest.json",
    "versions.json",
    "boots.json",
    "config/sanitized.json",
    "doctor/findings.json",
    "health/gateway-health.json",
    "status/gateway-status.json",
    "stability/gateway.json",
    "logs/openclaw-sanitized.jsonl",
  ])
    assert.ok(files.has(name), name);
  const manifest = JSON.parse(text("manifest.json"));
  assert.deepEqual(
    manifest.files.map(({ path, bytes }: { path: string; bytes: number }) => [path, bytes]),
    [...files].filter(([name]) => name !== "manifest.json").map(([name, { data }]) => [name, data.length]),
  );
  assert.equal(JSON.parse(text("config/sanitized.json")).models.providers.acme.api, "openai-completions");
  assert.match(text("logs/openclaw-sanitized.jsonl"), /"sessionKey":"agent:main:#[0-9a-f]{8}"/);
  for (const line of text("logs/openclaw-sanitized.jsonl").trimEnd().split("\n")) JSON.parse(line);
  const home = state.env.HOME!;
  for (const [name, { data }] of files) {
    for (const secret of ["SEC-", TOKEN, KEY, "+4917", home])
      assert.ok(!data.includes(secret), `${secret} in ${name}`);
  }
});

test("diagnostics export with the gateway down and a broken config says what is missing", async () => {
  using state = makeState(localConfig(await freePort()));
  mkdirSync(state.dir, { recursive: true });
  writeFileSync(state.configPath, `{ gateway: { mode: "local", auth: { token: "${TOKEN}" }, prot: 1 } }`);
  const { code, stdout, stderr } = await runHere(["gateway", "diagnostics", "export"], state);
  assert.equal(code, 0, stderr);
  const files = unzip(readFileSync(stdout.trim()));
  assert.match(files.get("config/problem.txt")!.data.toString(), /Invalid config at ~\/.*openclaw\.json/);
  assert.match(files.get("summary.md")!.data.toString(), /the gateway did not answer/);
  assert.match(stderr, /missing: answers of the gateway: /);
  for (const { data } of files.values()) assert.ok(!data.includes(TOKEN));
});
