import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../../scripts/tree.ts";
import { readBoots } from "../platform/boot-ledger.ts";
import { lastExit } from "../platform/last-exit.ts";

const skip = process.platform === "win32" && "there is no shell";

/** A process of its own: the one that is watched is ended. */
function watched(body: string) {
  const dir = mkdtempSync(join(tmpdir(), "openclaw-test-"));
  const bootsFile = join(dir, "boots.jsonl");
  const start = { boot: "b1", at: Date.now(), event: "start", pid: 1, version: "1", port: 1 };
  writeFileSync(bootsFile, `${JSON.stringify(start)}\n`);
  const script = `
    import { startStallWatch } from ${JSON.stringify(join(ROOT, "src/gateway/stall-watch.ts"))};
    import { openScope } from ${JSON.stringify(join(ROOT, "src/platform/scope.ts"))};
    import { systemClock } from ${JSON.stringify(join(ROOT, "src/platform/clock.ts"))};
    const scope = openScope("test", { clock: systemClock, onError: console.error });
    startStallWatch(scope, { bootsFile: ${JSON.stringify(bootsFile)}, bootId: "b1", nodeOptions: undefined, tickS: 0.1, ticks: 5 });
    setTimeout(async () => { await scope[Symbol.asyncDispose](); console.log("done"); }, 1_500);
    console.log("ready");
    ${body}
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  return {
    child,
    ready: once(child.stdout, "data"),
    ended: once(child, "close").then(([code, signal]) => ({ code, signal, text })),
    last: () => lastExit(readBoots({ bootsFile }), {}),
    ledger: () => readFileSync(bootsFile, "utf8"),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

test("a main thread that does not come back ends the process, and the ledger says why", {
  skip,
}, async () => {
  using run = watched("setTimeout(() => { for (;;); }, 300);");
  assert.equal((await run.ended).signal, "SIGKILL");
  const exit = run.last();
  assert.equal(exit.kind, "failed");
  assert.match(
    exit.kind === "failed" ? exit.cause : "",
    /main thread did not come back for 1 s: busy without end/,
  );
});

test("a process that works, and one that is stopped for a while, are left alone", { skip }, async () => {
  using run = watched("");
  await run.ready;
  run.child.kill("SIGSTOP");
  await sleep(1_500);
  run.child.kill("SIGCONT");
  const { code, signal, text } = await run.ended;
  assert.deepEqual([code, signal], [0, null]);
  assert.match(text, /done/);
  assert.doesNotMatch(run.ledger(), /hung/);
});
