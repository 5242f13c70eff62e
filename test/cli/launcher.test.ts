import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { LAUNCHER } from "../kit/process.ts";

/** A Node below 24 that the distribution brought along; without one there is nothing to hand over from. */
const oldNode = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "node"))
  .find((node) => existsSync(node) && major(node) < 24);
const skip = oldNode === undefined && "there is no older Node on this machine";

function major(node: string): number {
  const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  return Number(/^v(\d+)/.exec(stdout ?? "")?.[1] ?? Number.POSITIVE_INFINITY);
}

/** The launcher in a folder of its own, with an entry that tells what it got; PATH has no Node at all. */
function lonelyLauncher() {
  const dir = mkdtempSync(join(tmpdir(), "openclaw-launcher-"));
  const program = join(dir, "program");
  mkdirSync(program);
  copyFileSync(LAUNCHER, join(program, "openclaw.cjs"));
  writeFileSync(
    join(program, "main.cjs"),
    `exports.main = (argv) => new Promise((resolve) => {
      const told = () => console.log(JSON.stringify({ argv, version: process.version }));
      if (argv[0] === "wait") {
        const awake = setInterval(() => {}, 1_000);
        process.on("SIGTERM", () => { clearInterval(awake); resolve(7); });
        return told();
      }
      told();
      if (argv[0] === "die") process.kill(process.pid, "SIGKILL");
      else resolve(Number(argv[0]));
    });`,
  );
  const env = (extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    HOME: dir,
    PATH: "/nowhere",
    ...extra,
  });
  return {
    dir,
    start: (node: string, args: string[], extra?: NodeJS.ProcessEnv, cwd = dir) =>
      spawn(node, [join(program, "openclaw.cjs"), ...args], {
        env: env(extra),
        cwd,
        stdio: ["ignore", "pipe", "ignore"],
      }),
    run: (node: string, args: string[], extra?: NodeJS.ProcessEnv, cwd = dir) =>
      spawnSync(node, [join(program, "openclaw.cjs"), ...args], { env: env(extra), cwd, encoding: "utf8" }),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  };
}

test("Node 24 runs the program in the same process and passes its exit code on", () => {
  using launcher = lonelyLauncher();
  const { status, stdout, stderr } = launcher.run(process.execPath, ["3"]);
  assert.deepEqual([status, stderr], [3, ""]);
  assert.equal(JSON.parse(stdout).version, process.version);
});

test("an old Node with no newer one in reach: exactly one line, exit 78", { skip }, () => {
  using launcher = lonelyLauncher();
  const { status, stdout, stderr } = launcher.run(oldNode!, ["status"]);
  assert.deepEqual([status, stdout], [78, ""]);
  assert.match(
    stderr,
    /^openclaw needs Node 24 or newer \(this is v\d+\.\S+ at \/.+\); install it from https:\/\/nodejs\.org or set OPENCLAW_NODE to its path\n$/,
  );
});

test("an old Node hands over to OPENCLAW_NODE: arguments, exit code, no word of its own", { skip }, () => {
  using launcher = lonelyLauncher();
  const { status, stdout, stderr } = launcher.run(oldNode!, ["5", "a b", "--x"], {
    OPENCLAW_NODE: process.execPath,
  });
  assert.deepEqual([status, stderr], [5, ""]);
  assert.deepEqual(JSON.parse(stdout), { argv: ["5", "a b", "--x"], version: process.version });
});

const PLACES = [
  { name: "beside the program", link: "program/node_modules/.bin/node" },
  { name: "in the platform package", link: `node_modules/node-${process.platform}-${process.arch}/bin/node` },
  { name: "on PATH", link: "tools/node", path: "tools" },
  { name: "as node24 on PATH", link: "tools/node24", path: "tools" },
  { name: "of nvm", link: ".nvm/versions/node/v24.9.9/bin/node" },
  { name: "of volta", link: ".volta/tools/image/node/24.9.9/bin/node" },
] as const;

for (const place of PLACES) {
  test(`an old Node finds the newer one ${place.name}`, { skip }, () => {
    using launcher = lonelyLauncher();
    const link = join(launcher.dir, place.link);
    mkdirSync(join(link, ".."), { recursive: true });
    symlinkSync(process.execPath, link);
    const extra = "path" in place ? { PATH: join(launcher.dir, place.path) } : {};
    const { status, stdout } = launcher.run(oldNode!, ["0"], extra);
    assert.deepEqual([status, JSON.parse(stdout).version], [0, process.version]);
  });
}

test("signals reach the newer Node, and its end is ours", { skip }, async () => {
  using launcher = lonelyLauncher();
  const extra = { OPENCLAW_NODE: process.execPath };
  const waiting = launcher.start(oldNode!, ["wait"], extra);
  await new Promise((resolve) => waiting.stdout.once("data", resolve));
  waiting.kill("SIGTERM");
  assert.equal(await new Promise((resolve) => waiting.once("exit", resolve)), 7);

  const dying = launcher.start(oldNode!, ["die"], extra);
  const signal = await new Promise((resolve) => dying.once("exit", (_code, name) => resolve(name)));
  assert.equal(signal, "SIGKILL");
});

test("[SUP-02] nothing is taken from the current directory", { skip }, () => {
  using launcher = lonelyLauncher();
  const trap = join(launcher.dir, "trap");
  mkdirSync(join(trap, "node_modules/.bin"), { recursive: true });
  for (const name of ["node", "node24", "node_modules/.bin/node"]) {
    writeFileSync(join(trap, name), `#!/bin/sh\ntouch "${trap}/sprung"\necho v24.0.0\n`, { mode: 0o755 });
  }
  writeFileSync(
    join(trap, "main.cjs"),
    `require("fs").writeFileSync(${JSON.stringify(`${trap}/sprung`)}, "")`,
  );
  for (const PATH of [".", "", "node_modules/.bin"]) {
    const { status } = launcher.run(oldNode!, ["0"], { PATH, OPENCLAW_NODE: "node" }, trap);
    assert.equal(status, 78);
  }
  assert.equal(launcher.run(process.execPath, ["0"], {}, trap).status, 0);
  assert.equal(existsSync(join(trap, "sprung")), false);
});

test("[SUP-02] a compile cache others can write to is not used", () => {
  using launcher = lonelyLauncher();
  const cache = join(launcher.dir, "cache");
  mkdirSync(join(cache, "openclaw/compiled"), { recursive: true });
  spawnSync("chmod", ["777", join(cache, "openclaw/compiled")]);
  launcher.run(process.execPath, ["0"], { XDG_CACHE_HOME: cache });
  assert.equal(spawnSync("ls", [join(cache, "openclaw/compiled")], { encoding: "utf8" }).stdout, "");
});
