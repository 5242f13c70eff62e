import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { runDoctor } from "../kit/doctor.ts";
import { freePort } from "../kit/port.ts";
import { localConfig, makeState } from "../kit/state.ts";

/** What a doctor opens in a state folder, besides the config. */
const FILES = [
  "openclaw.json.last-good",
  "gateway.pid",
  "data/boots.jsonl",
  "data/config.lock",
  "data/devices.sqlite",
  "data/gateway.lock",
  "data/gateway.token",
  "data/own-device.json",
  "data/service.env",
  "data/sessions.sqlite",
  "logs/gateway-2026-01-01.log",
  "logs/stability/2026-01-01T00-00-00Z-1.json",
];
const CONFIG = ["openclaw.json"];
const CANARY = "SEC-canary: nobody's business\n";

const fifo = (path: string) => execFileSync("mkfifo", ["-m", "600", path]);
const folder = (path: string) => mkdirSync(path);

const SCENES: { name: string; files: readonly string[]; make(path: string, canary: string): unknown }[] = [
  { name: "pipes that nobody writes to", files: FILES, make: fifo },
  { name: "a pipe in the place of the config", files: CONFIG, make: fifo },
  {
    name: "links to a file outside",
    files: FILES,
    make: (path, canary) => symlinkSync(canary, path),
  },
  { name: "folders in the place of files", files: [...FILES, ...CONFIG], make: folder },
  {
    name: "links that lead to themselves",
    files: [...FILES, ...CONFIG],
    make: (path) => symlinkSync(path, path),
  },
];
for (const { name, files, make } of SCENES) {
  test(`[OPS-07] doctor in a hostile folder: ${name}`, { skip: process.platform === "win32" }, async () => {
    using state = makeState(localConfig(await freePort()));
    const canary = join(dirname(state.dir), "canary");
    writeFileSync(canary, CANARY);
    chmodSync(canary, 0o644);
    for (const file of files) {
      const path = join(state.dir, file);
      mkdirSync(dirname(path), { recursive: true });
      rmSync(path, { force: true });
      make(path, canary);
    }
    for (const args of [[], ["--deep"], ["--fix", "--non-interactive", "--force"]]) {
      const report = await runDoctor(state, args);
      assert.ok(!JSON.stringify(report).includes(CANARY.trim()), "what a link leads to is in the report");
    }
    assert.equal(readFileSync(canary, "utf8"), CANARY);
    assert.equal(statSync(canary).mode & 0o777, 0o644);
  });
}

test("[OPS-07] doctor in a folder with thousands of files", async () => {
  using state = makeState(localConfig(await freePort()));
  for (const place of ["logs", "data/config-history", "data/snapshots", "workspace"]) {
    mkdirSync(join(state.dir, place), { recursive: true, mode: 0o700 });
    for (let at = 0; at < 5_000; at++)
      writeFileSync(join(state.dir, place, `${at}.json`), "{}", { mode: 0o600 });
  }
  const report = await runDoctor(state, ["--deep"]);
  assert.deepEqual(
    report.findings.filter(({ id }) => id === "check-failed"),
    [],
  );
});
