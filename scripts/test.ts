/** Runs the test suite, or the files named on the command line, with node's own runner. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { filesBelow, ROOT } from "./tree.ts";

/** One more than the cores of a small machine: many tests wait for processes that end and clocks that tick. */
const FILES_AT_ONCE = 3;

/**
 * Tests of these folders change nothing that belongs to the whole process, so one process runs all files of a folder:
 * for most of them it takes longer to load the runner and the sources than to run. All others get one process each.
 */
const ONE_PROCESS = /^(src\/\w+|test\/(?:models|wire))\//;

/** Compiled code of the tests, and of the processes they start in homes of their own. */
const cache = mkdtempSync(join(tmpdir(), "openclaw-test-cache-"));

const env = {
  ...process.env,
  NO_COLOR: "1",
  NODE_COMPILE_CACHE: join(cache, "tests"),
  OPENCLAW_TEST_CACHE: join(cache, "openclaw"),
};

const named = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  [
    "--test",
    `--test-concurrency=${FILES_AT_ONCE}`,
    `--test-timeout=${process.env.OPENCLAW_TEST_LONG === "1" ? 3_600_000 : 120_000}`,
    "--disable-warning=ExperimentalWarning",
    ...(named.length > 0 ? named : wholeSuite()),
  ],
  { cwd: ROOT, stdio: "inherit", env },
);
rmSync(cache, { recursive: true, force: true });
process.exit(status ?? 1);

function wholeSuite(): string[] {
  const files = ["src", "test"].flatMap((folder) => filesBelow(folder, (file) => file.endsWith(".test.ts")));
  const byProcess = Map.groupBy(files, (file) => ONE_PROCESS.exec(file)?.[1] ?? file);
  return [...byProcess].map(([name, group]) => (group.includes(name) ? name : together(name, group)));
}

/** A module that imports them all. */
function together(folder: string, files: readonly string[]): string {
  const groups = join(cache, "groups");
  mkdirSync(groups, { recursive: true });
  const module = join(groups, `${folder.replace("/", "-")}.test.mjs`);
  const imports = files.map((file) => `import ${JSON.stringify(pathToFileURL(join(ROOT, file)).href)};\n`);
  writeFileSync(module, imports.join(""));
  return module;
}
