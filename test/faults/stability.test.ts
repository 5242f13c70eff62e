import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/tree.ts";
import { watchStalls } from "../../src/gateway/stability/stalls.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { openScope } from "../../src/platform/scope.ts";
import { bundlesDir, listBundles } from "../../src/platform/stability-bundles.ts";
import { runHere } from "../kit/command.ts";
import { openGateway } from "../kit/gateway.ts";
import { freePort } from "../kit/port.ts";
import { spawnOpenclaw } from "../kit/process.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";
import { until } from "../kit/until.ts";
import { connectWire } from "../kit/wire.ts";

function computeForAMoment(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test("[R31] a main thread that stands still leaves a line with the time, and the next time with the stack", async () => {
  await using gateway = await openGateway();
  const { services } = gateway.running;
  await using scope = openScope("watch", { clock: systemClock, onError: assert.fail });
  watchStalls(services, scope);
  const lines = (pattern: RegExp) => gateway.console.filter((line) => pattern.test(line));

  const beganAt = services.clock.monotonic();
  computeForAMoment(1_500);
  services.stability.blocked("rpc of a test", beganAt);
  await until("the stall is told", () => {
    services.eventLoop.read();
    return lines(/\[event-loop\] event loop stalled for \d{4,} ms/).length === 1;
  });
  // It must be seen also by somebody who asks all the time.
  assert.ok(services.eventLoop.recent()["1"] > 1_000);
  assert.match(lines(/stalled for/)[0]!, /cause="rpc of a test took \d{4,} ms"/);

  // The second thread needs a moment to be there.
  await until("the stack is told", () => {
    computeForAMoment(1_400);
    return lines(/stalled in/).length > 0;
  });
  assert.match(lines(/stalled in/)[0]!, /stalled in computeForAMoment faults\/stability\.test\.ts:\d+/);
  using client = await connectWire(gateway.port, { token: gateway.token });
  const { payload } = await client.request("diagnostics.stability", { type: "event_loop.stall" });
  assert.ok(payload.events.some(({ stack }: { stack?: string }) => stack?.includes("computeForAMoment")));
});

test("[I10] a start that fails for no reason of its owner's leaves a bundle, 0600, with the error and no secret", async () => {
  using state = makeState(localConfig(await freePort()));
  const { code } = await spawnOpenclaw(["gateway", "run"], state, {
    OPENCLAW_FAULT_PLAN: "start.beforeListen=throw",
  }).ended;
  assert.equal(code, 1);
  const [bundle, ...more] = listBundles(bundlesDir({ logsDir: join(state.dir, "logs") }));
  assert.deepEqual(more, []);
  assert.equal(bundle?.reason, "start_failed");
  assert.equal(statSync(bundle!.path).mode & 0o777, 0o600);
  const text = readFileSync(bundle!.path, "utf8");
  assert.equal(JSON.parse(text).error.message, "failpoint start.beforeListen");
  assert.doesNotMatch(text, /SEC-/);
  const doctor = await runHere(["doctor", "--only", "stability", "--json"], state);
  const [finding] = JSON.parse(doctor.stdout).findings;
  assert.equal(finding.id, "stability-bundle");
  assert.equal(finding.fix, "openclaw gateway stability --bundle latest");
  assert.ok(finding.evidence[0].startsWith("start failed, ") && finding.evidence[0].endsWith(bundle!.path));
});

test("[I10] a storm of errors nobody caught ends with exit code 1 and a bundle that names them", () => {
  using state = makeState(localConfig(1));
  const file = (path: string) => JSON.stringify(join(ROOT, path));
  const script = `
    import { runGateway } from ${file("src/gateway/run.ts")};
    import { readEnv } from ${file("src/platform/env.ts")};
    import { resolvePaths } from ${file("src/platform/paths.ts")};
    const env = readEnv();
    const fail = () => { throw Object.assign(new Error("broken with ${TOKEN}"), { code: "E_TEST" }); };
    const out = (line) => {
      if (line.includes("ready ms=")) setTimeout(() => setInterval(fail, 1), 200);
    };
    process.exitCode = await runGateway({
      env,
      paths: resolvePaths(env),
      io: { out, color: false, isTTY: false },
      flags: { port: 0, allowUnconfigured: false, verbose: false },
      greet: false, firstRun: false, quietWhenReady: false,
    });
    process.exit();
  `;
  const { status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { env: state.env });
  assert.equal(status, 1);
  const [bundle] = listBundles(bundlesDir({ logsDir: join(state.dir, "logs") }));
  assert.equal(bundle?.reason, "crash_storm");
  const content = JSON.parse(readFileSync(bundle!.path, "utf8"));
  assert.equal(content.error.message, "broken with ***");
  const events = content.stability.events.filter(({ type }: { type: string }) => type === "process.error");
  assert.ok(events.length > 10);
  assert.equal(events[0].code, "E_TEST");
});
