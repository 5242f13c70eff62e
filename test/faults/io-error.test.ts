import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openGateway } from "../kit/gateway.ts";
import { requireInvariants } from "../kit/invariants.ts";
import { LONG } from "../kit/long.ts";
import { freePort } from "../kit/port.ts";
import { spawnOpenclaw } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";
import { noTrace } from "../kit/trace.ts";
import { connectWire } from "../kit/wire.ts";

const CALLS = "pwrite64,fdatasync,fsync,ftruncate";
const ECHO = { agents: { defaults: { model: "demo/echo" } } };
/** In a long run each write of the whole conversation fails once; these are one of the start and two of turns. */
const SOME = [1, 4, 9];

test("[R08] whichever write of the database fails: nothing hangs, nothing is corrupt, and what was accepted is answered", {
  skip: noTrace,
  timeout: LONG ? 900_000 : 120_000,
}, async () => {
  let failed = 0;
  for (let nth = 1; ; nth++) {
    if (!LONG && !SOME.includes(nth)) {
      if (nth > SOME.at(-1)!) break;
      continue;
    }
    if (!(await converse(nth))) break;
    failed++;
  }
  console.log(`${failed} failing writes`);
  assert.ok(failed >= SOME.length);
});

/** One conversation in which the nth write of each thread fails; false when there were not so many. */
async function converse(nth: number): Promise<boolean> {
  const port = await freePort();
  using state = makeState(localConfig(port, ECHO));
  const dir = mkdtempSync(join(tmpdir(), "openclaw-io-"));
  const trace = join(dir, "trace");
  const database = join(state.dir, "data/sessions.sqlite");
  const files = ["", "-wal", "-shm", "-journal"].flatMap((suffix) => ["-P", `${database}${suffix}`]);
  const inject = ["-e", `trace=${CALLS}`, "-e", `inject=${CALLS}:error=EIO:when=${nth}`];
  try {
    const accepted = await talkTo(
      { ...state, through: ["strace", "-f", "-qq", "-o", trace, ...files, ...inject] },
      port,
    );
    const injected = readFileSync(trace, "utf8").includes("INJECTED");
    await using gateway = await openGateway({ state });
    using client = await connectWire(gateway.port, { token: TOKEN });
    const ended = new Map<string, string>();
    for (const { runId } of accepted) {
      const { payload } = await client.request("agent.wait", { runId, timeoutMs: 5_000 });
      ended.set(runId, payload.status);
      assert.ok(
        ["ok", "error"].includes(payload.status),
        `write ${nth}, ${runId}: ${JSON.stringify(payload)}`,
      );
    }
    await gateway.stop();
    await requireInvariants(state, {
      acknowledged: accepted,
      mayFail: (runId) => ended.get(runId) === "error",
    });
    return injected;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Three turns and a stop; what was acknowledged. A start that is refused says why, and a refused turn has a code. */
async function talkTo(state: StateFolder, port: number): Promise<{ runId: string; sessionKey: string }[]> {
  const accepted: { runId: string; sessionKey: string }[] = [];
  await using gateway = spawnOpenclaw(["gateway", "run"], state);
  const ready = await gateway.printed(/\[gateway\] ready/).catch(() => undefined);
  if (!ready) {
    const { code, stderr } = await gateway.ended;
    assert.ok([1, 75].includes(code!), `exit code ${code}`);
    assert.match(stderr, /fix: /);
    return accepted;
  }
  using client = await connectWire(port, { token: TOKEN });
  for (const runId of ["a", "b", "c"]) {
    const sessionKey = "agent:main:main";
    const sent = await client.request("chat.send", {
      sessionKey,
      message: "list files",
      idempotencyKey: runId,
    });
    if (!sent.ok) {
      assert.match(sent.error.code, /^[A-Z_]+$/);
      assert.notEqual(sent.error.message, "internal error");
      continue;
    }
    accepted.push({ runId, sessionKey });
    await client.request("agent.wait", { runId, timeoutMs: 5_000 });
  }
  gateway.child.kill("SIGTERM");
  await gateway.ended;
  return accepted;
}
