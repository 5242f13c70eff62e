/** Runs the test suite, or the files named on the command line, with node's own runner. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesBelow, ROOT } from "./tree.ts";

const named = process.argv.slice(2);
const files =
  named.length > 0
    ? named
    : ["src", "test"].flatMap((folder) => filesBelow(folder, (file) => file.endsWith(".test.ts")));

/** One more than the cores of a small machine: many tests wait for processes that end and clocks that tick. */
const FILES_AT_ONCE = 3;

/** Compiled code of the tests, and of the processes they start in homes of their own. */
const cache = mkdtempSync(join(tmpdir(), "openclaw-test-cache-"));

const env = {
  ...process.env,
  NO_COLOR: "1",
  NODE_COMPILE_CACHE: join(cache, "tests"),
  OPENCLAW_TEST_CACHE: join(cache, "openclaw"),
};

const { status } = spawnSync(
  process.execPath,
  [
    "--test",
    `--test-concurrency=${FILES_AT_ONCE}`,
    "--test-timeout=120000",
    "--disable-warning=ExperimentalWarning",
    ...files,
  ],
  { cwd: ROOT, stdio: "inherit", env },
);
rmSync(cache, { recursive: true, force: true });
process.exit(status ?? 1);
