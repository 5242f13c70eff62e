import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { lookAtSavedToken, readSavedToken, saveNewToken, setTokenAside } from "./saved-token.ts";
import { tempConfig } from "./state.fixture.ts";

function withToken(content: string | Uint8Array) {
  const state = tempConfig();
  const { paths } = state.input;
  mkdirSync(paths.dataDir, { recursive: true });
  writeFileSync(paths.tokenFile, content, { mode: 0o644 });
  return { ...state, paths };
}

const GOOD = ["3f9a1c77d2aa41bb\n", "3f9a1c77d2aa41bb", "  a token with blanks, and !$%&/()=?\r\n"];
for (const text of GOOD) {
  test(`${JSON.stringify(text)} is a saved token`, () => {
    using state = withToken(text);
    assert.deepEqual(lookAtSavedToken(state.paths), { kind: "token", token: text.trim() });
    assert.equal(readSavedToken(state.paths), text.trim());
  });
}

const DAMAGED: [string, string | Uint8Array][] = [
  ["nothing", ""],
  ["blanks", " \n\n"],
  ["too little", "3f9a1c77d2\n"],
  ["two lines", "3f9a1c77d2aa41bb\n3f9a1c77d2aa41bb\n"],
  ["zeros", new Uint8Array(65)],
  ["other characters", "3f9a1c77d2aa41bü\n"],
  ["bytes that are no text", Buffer.from("33663961316337376432ff61343162620a", "hex")],
  ["something endless", "x".repeat(10_000)],
];
for (const [name, content] of DAMAGED) {
  test(`[R04] a token file with ${name} is damaged; who only looks finds none`, () => {
    using state = withToken(content);
    assert.deepEqual(lookAtSavedToken(state.paths), { kind: "damaged" });
    assert.equal(readSavedToken(state.paths), undefined);
    assert.ok(readFileSync(state.paths.tokenFile).equals(Buffer.from(content)));
  });
}

test("what is set aside keeps its bytes, 0600, and a new token takes its place", () => {
  using state = withToken("cut");
  const { paths } = state;
  const aside = setTokenAside(paths, Date.UTC(2026, 0, 5, 12));
  assert.equal(aside, `${paths.tokenFile}.damaged.2026-01-05T12-00-00-000Z`);
  assert.equal(readFileSync(aside, "utf8"), "cut");
  assert.equal(statSync(aside).mode & 0o777, 0o600);
  assert.deepEqual(lookAtSavedToken(paths), { kind: "none" });
  const token = saveNewToken(paths);
  assert.equal(readSavedToken(paths), token);
  assert.equal(statSync(paths.tokenFile).mode & 0o777, 0o600);
  assert.equal(readdirSync(paths.dataDir).length, 2);
});
