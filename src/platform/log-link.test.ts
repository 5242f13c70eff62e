import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { linkLog } from "./log-link.ts";

const skip = process.platform === "win32";

test("the log is found where guides look for it, and the link follows it from day to day", { skip }, () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-link-"));
  const dir = join(temp.path, "openclaw");
  const logs = join(temp.path, "logs");
  mkdirSync(logs);
  const file = join(logs, "gateway-2026-11-25.log");
  writeFileSync(file, "monday\n");
  const link = linkLog(dir, file);
  assert.equal(link, join(dir, "openclaw-2026-11-25.log"));
  assert.equal(readFileSync(link!, "utf8"), "monday\n");
  linkLog(dir, join(logs, "gateway-2026-11-25.1.log"));
  assert.equal(readlinkSync(link!), join(logs, "gateway-2026-11-25.1.log"));
  linkLog(dir, join(logs, "gateway-2026-11-26.log"));
  assert.deepEqual(readdirSync(dir), ["openclaw-2026-11-26.log"]);
});

test("what others put there is neither followed nor replaced", { skip }, () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-link-"));
  const log = join(temp.path, "gateway-2026-11-25.log");
  const dir = join(temp.path, "openclaw");
  // A real file, as another implementation writes it.
  mkdirSync(dir, { mode: 0o700 });
  const foreign = join(dir, "openclaw-2026-11-25.log");
  writeFileSync(foreign, "theirs");
  assert.equal(linkLog(dir, log), undefined);
  assert.equal(readFileSync(foreign, "utf8"), "theirs");
  // A folder everybody may write to, and a link in the place of the folder.
  const open = join(temp.path, "open");
  mkdirSync(open);
  chmodSync(open, 0o777);
  assert.equal(linkLog(open, log), undefined);
  const elsewhere = join(temp.path, "elsewhere");
  symlinkSync(dir, elsewhere);
  assert.equal(linkLog(elsewhere, log), undefined);
  assert.deepEqual(readdirSync(open), []);
});
