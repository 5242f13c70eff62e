import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/tree.ts";

/** Runs a few lines in a process of their own: an uncaught error must not be this runner's. */
function run(body: string): { status: number | null; stdout: string } {
  const script = `
    import { containCrashes } from ${JSON.stringify(join(ROOT, "src/gateway/crashes.ts"))};
    import { systemClock } from ${JSON.stringify(join(ROOT, "src/platform/clock.ts"))};
    const log = { error: (message, { error }) => console.log(message, error.message) };
    const crash = containCrashes({ log, clock: systemClock });
    ${body}
  `;
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  return { status, stdout };
}

test("an error nobody caught is logged and the process goes on", () => {
  const { status, stdout } = run(`
    setTimeout(() => { throw new Error("stray one"); }, 1);
    setTimeout(() => { Promise.reject(new Error("stray two")); }, 5);
    setTimeout(() => console.log("still here"), 50);
  `);
  assert.equal(status, 0);
  assert.match(stdout, /panic: uncaught exception stray one/);
  assert.match(stdout, /panic: unhandled rejection stray two/);
  assert.match(stdout, /still here/);
});

test("errors in a storm end in an orderly stop", () => {
  const { stdout } = run(`
    crash.storm.then((what) => { console.log("end:", what); process.exit(1); });
    setInterval(() => { throw new Error("again"); }, 1);
  `);
  assert.match(stdout, /end: storm/);
});
