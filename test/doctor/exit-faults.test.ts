import assert from "node:assert/strict";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { idsOf, runDoctor } from "../kit/doctor.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway, spawnOpenclaw } from "../kit/process.ts";
import { localConfig, makeState } from "../kit/state.ts";

const config = async () => localConfig(await freePort(), { agents: { defaults: { model: "demo/echo" } } });

test("[proc-killed] doctor: a gateway that was killed, before and after the next start", async () => {
  using state = makeState(await config());
  const first = await spawnGateway(state);
  first.child.kill("SIGKILL");
  await first.ended;
  const down = await runDoctor(state);
  const finding = down.findings.find(({ id }) => id === "unclean-exit");
  assert.match(finding?.evidence.join() ?? "", /pid \d+ was killed \(SIGKILL\) or lost power/);
  assert.equal(down.code, 0, "being stopped is not blocking");
  await using _next = await spawnGateway(state);
  assert.ok(idsOf(await runDoctor(state)).includes("unclean-exit"));
});

test("[crash-loop-error] [crash-loop-starting] doctor: a gateway that is started again and again", async () => {
  using state = makeState(await config());
  for (let start = 0; start < 3; start++) {
    const gateway = await spawnGateway(state);
    gateway.child.kill("SIGKILL");
    await gateway.ended;
  }
  const { findings, code } = await runDoctor(state);
  const finding = findings.find(({ id }) => id === "crash-loop");
  assert.match(finding?.evidence.join() ?? "", /3 starts within 5 minutes/);
  assert.match(finding!.fix, /^openclaw /);
  assert.equal(code, finding!.severity === "error" ? 1 : 0);
});

test("a gateway that was stopped, or restarted in place, is no news", async () => {
  using state = makeState(await config());
  await using gateway = await spawnGateway(state);
  assert.equal((await runHere(["restart"], state)).code, 0);
  assert.ok(!idsOf(await runDoctor(state)).includes("unclean-exit"));
  gateway.child.kill("SIGTERM");
  await gateway.ended;
  assert.ok(!idsOf(await runDoctor(state)).includes("unclean-exit"));
});

test("[ready-health-check-fail] doctor: a gateway that hangs in its start", async () => {
  const port = await freePort();
  using state = makeState(localConfig(port, { agents: { defaults: { model: "demo/echo" } } }));
  const plan = { OPENCLAW_FAULT_PLAN: "start.afterListen=hang" };
  await using gateway = spawnOpenclaw(["gateway", "run"], state, plan);
  await gateway.printed(/http server listening/);
  const seen = await runDoctor(state);
  const finding = seen.findings.find(({ id }) => id === "gateway-not-ready");
  assert.match(finding?.title ?? idsOf(seen).join(), /^FAIL: gateway health check failed — not ready$/);
  assert.equal(seen.code, 1);
});

test("doctor: a gateway that stands still (SIGSTOP) is found within two seconds", async () => {
  using state = makeState(await config());
  await using gateway = await spawnGateway(state);
  gateway.child.kill("SIGSTOP");
  const { findings, durationMs, code } = await runDoctor(state);
  gateway.child.kill("SIGCONT");
  const finding = findings.find(({ id }) => id === "gateway-unreachable");
  assert.match(finding?.evidence.join() ?? "", new RegExp(`pid ${gateway.child.pid} holds the state folder`));
  assert.equal(code, 1);
  assert.ok(durationMs < 2_200, `${durationMs} ms`);
});
