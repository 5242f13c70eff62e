import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkConfig } from "./load.ts";
import { tempConfig } from "./state.fixture.ts";

/** A state folder with a transform, a program outside, and links that lead out. */
function withHooks(hooks: unknown) {
  const state = tempConfig({ gateway: { mode: "local" }, hooks });
  const transforms = join(state.dir, "hooks", "transforms");
  mkdirSync(join(transforms, "sub"), { recursive: true });
  writeFileSync(join(transforms, "good.mjs"), "");
  writeFileSync(join(state.dir, "evil.mjs"), "");
  symlinkSync(join(state.dir, "evil.mjs"), join(transforms, "link.mjs"));
  symlinkSync(state.dir, join(transforms, "out"));
  symlinkSync("good.mjs", join(transforms, "alias.mjs"));
  return { ...state, transforms };
}

const modules = (module: unknown) => ({ mappings: [{ id: "x", transform: { module } }] });
const MODULE = /^hooks\.mappings\[0\]\.transform\.module$/;
const DIR = /^hooks\.transformsDir$/;

const REFUSED: [name: string, hooks: unknown, path: RegExp][] = [
  ["an absolute module", modules("/tmp/evil.mjs"), MODULE],
  ["an absolute module of Windows", modules("C:\\evil.mjs"), MODULE],
  ["a share", modules("\\\\host\\share\\evil.mjs"), MODULE],
  ["a module in the home folder", modules("~/evil.mjs"), MODULE],
  ["a module as an address", modules("file:///tmp/evil.mjs"), MODULE],
  ["a module as data", modules("data:text/javascript,1"), MODULE],
  ["a module that climbs out", modules("../../evil.mjs"), MODULE],
  ["a module that climbs out on a detour", modules("sub/../../../evil.mjs"), MODULE],
  ["a link to a module outside", modules("link.mjs"), MODULE],
  ["a module behind a link to a folder outside", modules("out/evil.mjs"), MODULE],
  ["the folder itself", modules("."), MODULE],
  ["a module that is none", modules(""), MODULE],
  ["a module of another kind", modules({ path: "x" }), MODULE],
  ["a module with a zero", modules("good.mjs\0.txt"), MODULE],
  ["an absolute folder elsewhere", { transformsDir: "/tmp" }, DIR],
  ["a folder that climbs out", { transformsDir: "../.." }, DIR],
  ["a folder with nearly the same name", { transformsDir: "../transforms-evil" }, DIR],
  ["the home folder", { transformsDir: "~" }, DIR],
  ["a link to a folder outside", { transformsDir: "out" }, DIR],
  ["a folder behind a link that is not there yet", { transformsDir: "out/later/deeper" }, DIR],
  ["a module that climbs out of its own folder", { transformsDir: "sub", ...modules("../good.mjs") }, MODULE],
];
for (const [name, hooks, path] of REFUSED) {
  test(`[CONF-14] ${name} is an invalid config that names the path`, async () => {
    using state = withHooks(hooks);
    const checked = await checkConfig(state.input);
    assert.ok(!checked.ok);
    assert.equal(checked.fault.exitCode, 78);
    assert.equal(checked.issues.length, 1, JSON.stringify(checked.issues));
    const [issue] = checked.issues;
    assert.match(issue!.path, path);
    assert.ok(issue!.line);
  });
}

const ACCEPTED: [name: string, hooks: (transforms: string) => unknown][] = [
  ["a module", () => modules("good.mjs")],
  ["a module in a folder below", () => modules("./sub/later.mjs")],
  ["a link that stays inside", () => modules("alias.mjs")],
  ["a folder below", () => ({ transformsDir: "sub", ...modules("x.mjs") })],
  ["the folder as its owner spells it", (transforms) => ({ transformsDir: transforms })],
  ["the folder from the home folder", () => ({ transformsDir: "~/.openclaw/hooks/transforms" })],
  ["a mapping without a program", () => ({ mappings: [{ id: "x" }, { transform: {} }] })],
];
for (const [name, hooks] of ACCEPTED) {
  test(`[CONF-14] fine: ${name}`, async () => {
    using state = withHooks({});
    state.write({ gateway: { mode: "local" }, hooks: hooks(state.transforms) });
    const checked = await checkConfig(state.input);
    assert.ok(checked.ok, JSON.stringify(checked));
  });
}

test("[CONF-14] a link in the place of the folder leads out too", async () => {
  using state = tempConfig({ gateway: { mode: "local" }, hooks: modules("evil.mjs") });
  mkdirSync(join(state.dir, "hooks"));
  symlinkSync("/tmp", join(state.dir, "hooks", "transforms"));
  const checked = await checkConfig(state.input);
  assert.ok(!checked.ok);
  assert.deepEqual(
    checked.issues.map(({ path }) => path),
    ["hooks"],
  );
});
