import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState } from "../kit/state.ts";
import { until } from "../kit/until.ts";

const RESTARTS = 50;
/** By then everything is loaded and compiled that a restart needs. */
const SETTLED = 20;
const MAX_GROWTH_MB = 8;

/** What was garbage is none of the figures. */
const COLLECT = `
require("node:v8").setFlagsFromString("--expose-gc");
setInterval(require("node:vm").runInNewContext("gc"), 200).unref();
`;

test("fifty restarts in place leave no file open and no memory behind", {
  skip: process.platform !== "linux",
}, async (t) => {
  using state = makeState(localConfig(await freePort()));
  const collect = join(state.dir, "collect.cjs");
  writeFileSync(collect, COLLECT);
  await using gateway = await spawnGateway(state, [], { NODE_OPTIONS: `--require ${collect}` });
  const { pid } = gateway.child;
  const figures = () => ({
    files: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
    mb: Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024,
  });
  let settled = figures();
  for (let count = 1; count <= RESTARTS; count++) {
    gateway.child.kill("SIGUSR2");
    // The look for local model servers is over, and with it its connections.
    const printed = /\[gateway\] model: /g;
    await until(`restart ${count}`, () => (gateway.stdout().match(printed) ?? []).length > count);
    if (count === SETTLED) settled = figures();
  }
  const after = figures();
  t.diagnostic(
    `after ${SETTLED} restarts ${JSON.stringify(settled)}, after ${RESTARTS} ${JSON.stringify(after)}`,
  );
  assert.equal(after.files, settled.files);
  assert.equal(after.threads, settled.threads);
  assert.ok(after.mb - settled.mb < MAX_GROWTH_MB, `${settled.mb} MB became ${after.mb} MB`);
});
