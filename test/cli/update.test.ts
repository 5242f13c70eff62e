import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { installationHere, removalCommand, updateCommand } from "../../src/cli/install-kind.ts";
import { runHere } from "../kit/command.ts";
import { LAUNCHER, runOpenclaw } from "../kit/process.ts";
import { makeState } from "../kit/state.ts";

test("update status says which version, how it is installed, by which Node, and asks nobody", async () => {
  using state = makeState();
  const { code, stdout } = await runOpenclaw(["update", "status", "--json"], state);
  assert.equal(code, 0);
  const said = JSON.parse(stdout);
  assert.equal(said.installation.kind, "checkout");
  assert.equal(said.node.version, process.version);
  assert.equal(said.newest, "not asked");
  const { stdout: text } = await runHere(["update"], state);
  assert.match(text, /\nNewest version +not asked: [\s\S]*\nTo update: /);
});

test("how a program is installed is told by where its launcher lies", () => {
  assert.equal(installationHere(LAUNCHER).kind, "checkout");
  const folder = mkdtempSync(join(tmpdir(), "openclaw-test-"));
  try {
    const launcherIn = (...path: string[]) => {
      const at = join(folder, ...path);
      mkdirSync(at, { recursive: true });
      writeFileSync(join(at, "openclaw.cjs"), "");
      return installationHere(join(at, "openclaw.cjs"));
    };
    const global = launcherIn("lib", "node_modules", "openclaw");
    assert.deepEqual(
      [global.kind, updateCommand(global), removalCommand(global)],
      ["npm", "npm install -g openclaw@latest", "npm uninstall -g openclaw"],
    );
    writeFileSync(join(folder, "package.json"), "{}");
    const local = launcherIn("node_modules", "openclaw");
    assert.equal(updateCommand(local), "npm install openclaw@latest");
    const unpacked = launcherIn("opt", "openclaw");
    assert.equal(unpacked.kind, "unpacked");
    assert.match(removalCommand(unpacked), /^rm -r .*\/opt\/openclaw$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
