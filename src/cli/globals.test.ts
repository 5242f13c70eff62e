import assert from "node:assert/strict";
import { test } from "node:test";
import { splitGlobals } from "./globals.ts";

const NONE = { help: false, version: false, dev: false, noColor: false, verbose: false };

const CASES = [
  { name: "before the command", argv: ["--dev", "status"], globals: { dev: true }, rest: ["status"] },
  {
    name: "after the command",
    argv: ["status", "--json", "--profile", "work"],
    globals: { profile: "work" },
    rest: ["status", "--json"],
  },
  {
    name: "with an equals sign",
    argv: ["--profile=work", "--log-level=debug", "logs"],
    globals: { profile: "work", logLevel: "debug" },
    rest: ["logs"],
  },
  { name: "short forms", argv: ["status", "-h"], globals: { help: true }, rest: ["status"] },
  { name: "version alone", argv: ["-V"], globals: { version: true }, rest: [] },
  {
    name: "a version after a command is the command's business",
    argv: ["config", "set", "-V"],
    globals: {},
    rest: ["config", "set", "-V"],
  },
  {
    name: "nothing is taken out behind --",
    argv: ["agent", "--", "--dev"],
    globals: {},
    rest: ["agent", "--", "--dev"],
  },
] as const;

for (const { name, argv, globals, rest } of CASES) {
  test(`global options: ${name}`, () => {
    assert.deepEqual(splitGlobals(argv), { globals: { ...NONE, ...globals }, rest: [...rest] });
  });
}

test("a global option without its value, or with a bad one, is wrong usage", () => {
  assert.throws(() => splitGlobals(["--profile"]), { message: "--profile needs a value" });
  assert.throws(() => splitGlobals(["--profile", "--dev"]), { message: "--profile needs a value" });
  assert.throws(() => splitGlobals(["--log-level", "loud"]), /bad value "loud" for --log-level/);
});
