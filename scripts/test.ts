/** Runs the test suite, or the files named on the command line, with node's own runner. */
import { spawnSync } from "node:child_process";
import { filesBelow, ROOT } from "./tree.ts";

const named = process.argv.slice(2);
const files =
  named.length > 0
    ? named
    : ["src", "test"].flatMap((folder) => filesBelow(folder, (file) => file.endsWith(".test.ts")));

const { status } = spawnSync(
  process.execPath,
  [
    "--test",
    "--test-concurrency=2",
    "--test-timeout=120000",
    "--disable-warning=ExperimentalWarning",
    ...files,
  ],
  { cwd: ROOT, stdio: "inherit", env: { ...process.env, NO_COLOR: "1" } },
);
process.exit(status ?? 1);
