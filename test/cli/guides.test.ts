import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { call } from "../kit/http.ts";
import { freePort } from "../kit/port.ts";
import { runOpenclaw, spawnOpenclaw } from "../kit/process.ts";
import { openReader, type Reader } from "../kit/reader.ts";
import { makeState } from "../kit/state.ts";

/** What the guides tell people to type, line by line; the port is the only thing that differs. */

const local = (port: number) => ({ gateway: { mode: "local", port } });

async function answers(port: number, host = "127.0.0.1"): Promise<boolean> {
  return await call({ port, path: "/health", headers: { host } }).then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** All addresses of the machine, and not its loopback only. */
function listensEverywhere(reader: Reader): boolean {
  return reader.boots().at(-1)!.host === undefined;
}

test("gateway start blocked: config set gateway.mode local, restart", async () => {
  using reader = await openReader((port) => ({ gateway: { port } }));
  assert.equal((await reader.types("openclaw restart")).code, 78);
  const printed = await reader.does("openclaw config set gateway.mode local\nopenclaw restart");
  assert.match(printed, new RegExp(`^Gateway is ready on :${reader.port}$`, "m"));
  assert.match(await reader.does("openclaw status"), /^Gateway: +connected \(v/);
});

test("a port conflict: config set gateway.port, restart, also while it runs", async () => {
  using reader = await openReader(local);
  await reader.does("openclaw restart");
  const other = await freePort();
  const printed = await reader.does(`openclaw config set gateway.port ${other}\nopenclaw restart`);
  assert.match(printed, new RegExp(`^Gateway is ready on :${other}$`, "m"));
  assert.deepEqual([await answers(other), await answers(reader.port)], [true, false]);
  assert.equal(await reader.does("openclaw config get gateway.port"), `${other}\n`);
});

test("R18, a stale pid file: rm ~/.openclaw/gateway.pid, restart; running or killed", async () => {
  using reader = await openReader(local);
  await reader.does("openclaw restart");
  const recipe = "rm ~/.openclaw/gateway.pid\nopenclaw restart";
  const running = await reader.does(recipe);
  const { pid } = reader.boots()[0]!;
  assert.ok(running.includes(`foreground process on port ${reader.port}: ${pid}.`), running);
  process.kill(pid, "SIGKILL");
  assert.match(
    await reader.does(recipe),
    /^Nothing was running\. Gateway started in the background: \d+\.$/m,
  );
});

test("a broken config: validate, reset, setup, restart (R13)", async () => {
  using reader = await openReader(() => '{ "gateway": {');
  assert.equal((await reader.types("openclaw config validate")).code, 1);
  const env = { OPENCLAW_GATEWAY_PORT: String(reader.port) };
  const printed = await reader.does("openclaw config reset\nopenclaw setup\nopenclaw restart", env);
  assert.match(printed, /^Gateway is ready/m);
});

test("a broken config: reset, config set gateway.mode local, restart (R13), then the log", async () => {
  using reader = await openReader(() => ({ gateway: { mode: "local", prot: 3001 } }));
  assert.equal((await reader.types("openclaw restart")).code, 78);
  const env = { OPENCLAW_GATEWAY_PORT: String(reader.port) };
  await reader.does("openclaw config reset\nopenclaw config set gateway.mode local\nopenclaw restart", env);
  const log = await reader.does("openclaw logs --tail 100", env);
  assert.match(log, /\[gateway\] starting\.\.\./);
  assert.match(log, /\[gateway\] listening on :\d+/);
  assert.equal((await reader.types("openclaw logs --tail 2", env)).stdout.trimEnd().split("\n").length, 2);
});

test("R2: gateway.mode hybrid is local on every address, and needs a token like every other way there", async () => {
  using reader = await openReader((port) => ({ gateway: { port } }));
  await reader.does("openclaw config set gateway.mode hybrid");
  assert.equal(await reader.does("openclaw config get gateway.mode"), "local\n");
  const refused = await reader.types("openclaw restart");
  assert.equal(refused.code, 78);
  assert.match(refused.stderr, /refusing to bind gateway to lan without auth/);
  await reader.does('openclaw config set gateway.token "your-stable-token-here"\nopenclaw restart');
  assert.ok(listensEverywhere(reader));
});

const ORDERS = [
  ["openclaw config set gateway.mode remote", 'openclaw config set gateway.host "0.0.0.0"'],
  ['openclaw config set gateway.host "0.0.0.0"', "openclaw config set gateway.mode remote"],
];
for (const lines of ORDERS) {
  test(`R3: access from another machine, ${lines[0]} first`, async () => {
    using reader = await openReader((port) => ({ gateway: { port } }));
    await reader.does("openclaw setup\nopenclaw config set gateway.mode local\nopenclaw restart");
    const printed = await reader.does([...lines, "openclaw restart"].join("\n"));
    assert.match(printed, /^Gateway is ready/m);
    assert.ok(listensEverywhere(reader));
    assert.equal((await reader.types("openclaw status")).code, 0);
  });
}

test("R4: host and port can be asked at any time", async () => {
  using reader = await openReader((port) => ({ gateway: { mode: "local", port } }));
  assert.equal(await reader.does("openclaw config get gateway.host"), "127.0.0.1\n");
  assert.equal(await reader.does("openclaw config get gateway.port"), `${reader.port}\n`);
  await reader.does('openclaw config set gateway.host "0.0.0.0"');
  assert.equal(await reader.does("openclaw config get gateway.host"), "0.0.0.0\n");
  await reader.does('openclaw config set gateway.host "localhost"');
  assert.equal(await reader.does("openclaw config get gateway.host"), "127.0.0.1\n");
});

test("R5, R10: config set gateway.token pins the token, and it can be read back", async () => {
  using reader = await openReader(local);
  await reader.does("openclaw restart");
  const printed = await reader.does(
    'openclaw config set gateway.token "your-stable-token-here"\nopenclaw restart',
  );
  assert.match(
    printed,
    /^Updated gateway\.auth\.token \(gateway\.token is the older name\)\. Restart the gateway to apply\.$/m,
  );
  for (const key of ["gateway.auth.token", "gateway.token"])
    assert.equal(await reader.does(`openclaw config get ${key}`), "your-stable-token-here\n");
  const answer = await call({ port: reader.port, path: "/v1/models", token: "your-stable-token-here" });
  assert.equal(answer.status, 200);
});

test("R6, R7: the token that the first start made protects every address later, and stays the same", async () => {
  using reader = await openReader(local);
  await reader.does("openclaw restart");
  const token = await reader.does("openclaw gateway auth-token --show");
  await reader.does("openclaw restart");
  const printed = await reader.does('openclaw config set gateway.bind "0.0.0.0"\nopenclaw restart');
  assert.match(printed, /^Gateway is ready/m);
  assert.ok(listensEverywhere(reader));
  assert.equal(await reader.does("openclaw gateway auth-token --show"), token);
  await reader.does("openclaw stop\nopenclaw restart");
  assert.equal(await reader.does("openclaw gateway auth-token --show"), token);
});

test("trusted proxies: config set gateway.trustedProxies, restart", async () => {
  using reader = await openReader(local);
  const printed = await reader.does(
    `openclaw config set gateway.trustedProxies '["127.0.0.1"]'\nopenclaw restart`,
  );
  assert.match(printed, /^Gateway is ready/m);
  const behind = await call({
    port: reader.port,
    path: "/health",
    headers: { "x-forwarded-for": "203.0.113.9" },
  });
  assert.equal(behind.status, 200);
});

test("R23: a config.yaml is neither read nor touched", async () => {
  using reader = await openReader(local);
  const yaml = join(reader.stateDir, "config.yaml");
  writeFileSync(yaml, "gateway:\n  mode: nonsense\n");
  await reader.does("openclaw restart\nopenclaw config validate");
  assert.equal(readFileSync(yaml, "utf8"), "gateway:\n  mode: nonsense\n");
});

const notLinux = process.platform !== "linux" && "looks into /proc, and cron is asked for by setsid";

test("the full reset: stop, back up, remove, set up anew, restart", { skip: notLinux }, async () => {
  using reader = await openReader((port) => ({
    gateway: { mode: "local", port, auth: { token: "old-token-0123456789" } },
  }));
  const env = { OPENCLAW_GATEWAY_PORT: String(reader.port) };
  await reader.does("openclaw restart", env);
  const { pid } = reader.boots()[0]!;
  // What `pkill -f openclaw` goes by; it is not typed here, because it ends everybody's.
  assert.match(readFileSync(`/proc/${pid}/cmdline`, "utf8"), /openclaw/);
  assert.equal(
    await reader.does("openclaw gateway stop", env),
    `Gateway stopped: ${pid} (port ${reader.port}).\n`,
  );
  await reader.does(
    `cp ~/.openclaw/openclaw.json ~/openclaw-backup.json
     rm -rf ~/.openclaw
     openclaw setup`,
    env,
  );
  assert.match(await reader.does("openclaw restart", env), /^Gateway is ready/m);
  assert.ok(existsSync(join(reader.home, "openclaw-backup.json")));
  assert.notEqual(await reader.does("openclaw gateway auth-token --show", env), "old-token-0123456789\n");
});

test("the cron line restarts what is down and leaves what is up: no terminal, hardly any environment", {
  skip: notLinux,
}, async () => {
  using reader = await openReader(local);
  const bin = join(reader.home, "bin");
  const line = `curl -sf http://localhost:${reader.port}/health || openclaw restart`;
  const cron = `env -i HOME=${reader.home} LOGNAME=me SHELL=/bin/sh PATH=${bin}:/usr/bin:/bin OPENCLAW_IN_CONTAINER=0 setsid sh -c '${line}'`;
  const down = await reader.does(cron);
  assert.match(down, /^Nothing was running/);
  assert.equal(await reader.does(cron), '{"ok":true,"status":"live"}');
  assert.equal(reader.boots().length, 1);
  process.kill(reader.boots()[0]!.pid, "SIGKILL");
  await reader.does(cron);
  assert.match(await reader.does("openclaw status"), /^Last exit: +pid \d+ was killed/m);
});

test("PM2: `openclaw start` stays in the foreground and ends cleanly with SIGINT", async () => {
  using state = makeState();
  const env = { OPENCLAW_GATEWAY_PORT: String(await freePort()) };
  await using started = spawnOpenclaw(["start"], state, env);
  await started.printed(/\[gateway\] ready/);
  const restarted = await runOpenclaw(["restart"], state, env);
  assert.ok(restarted.stdout.includes(`: ${started.child.pid}.\nGateway is ready on `), restarted.stdout);
  started.child.kill("SIGINT");
  assert.equal((await started.ended).code, 0);
});

test("any node on the PATH will do for a restart", async () => {
  using reader = await openReader(local);
  rmSync(join(reader.home, "bin/node"));
  writeFileSync(join(reader.home, "bin/node"), `#!/bin/sh\nexec ${process.execPath} "$@"\n`, { mode: 0o755 });
  assert.match(await reader.does("openclaw restart"), /^Gateway is ready/m);
});
