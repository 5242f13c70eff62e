import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { packageVersionOf, programsOnPath } from "./programs.ts";

test("programs in the order of PATH, each file once, without what cannot be run", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-programs-"));
  const folder = (name: string) => {
    mkdirSync(join(temp.path, name));
    return join(temp.path, name);
  };
  const [a, b, c, d] = [folder("a"), folder("b"), folder("c"), folder("d")];
  writeFileSync(join(a, "tool"), "", { mode: 0o644 });
  writeFileSync(join(b, "tool"), "", { mode: 0o755 });
  symlinkSync(join(b, "tool"), join(c, "tool"));
  writeFileSync(join(d, "tool"), "", { mode: 0o755 });
  assert.deepEqual(
    programsOnPath("tool", [a, c, b, "relative", "", d].join(":")).map(({ path }) => path),
    [join(c, "tool"), join(d, "tool")],
  );
});

test("the version of the package a file is in", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-programs-"));
  const bin = join(temp.path, "openclaw/bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(temp.path, "openclaw/package.json"), '{"name":"openclaw","version":"2026.9.6"}');
  writeFileSync(join(bin, "package.json"), '{"type":"commonjs"}');
  assert.equal(packageVersionOf(join(bin, "openclaw.cjs"), ["openclaw"]), "2026.9.6");
  assert.equal(packageVersionOf(join(bin, "openclaw.cjs"), ["other"]), undefined);
});
