import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEnvironmentFile, parseUnit, splitWords } from "./systemd-unit.ts";

const SPECIFIERS = { home: "/home/ann", unit: "openclaw-gateway.service" };

const UNIT = `
[Unit]
Description=OpenClaw Gateway
After=network-online.target

[Service]
# a comment
ExecStart=/usr/bin/node "/opt/with blank/openclaw.cjs" gateway \\
  --port 18789
Environment=HOME=%h "OPENCLAW_GATEWAY_TOKEN=a b" 'X=1'
Environment=PATH=/usr/bin:/bin
EnvironmentFile=-%h/.openclaw/gateway.env
Restart=always

[Install]
WantedBy=default.target
ExecStart=/not/this
`;

test("program, arguments and environment, with quotes, continued lines and specifiers", () => {
  assert.deepEqual(parseUnit([UNIT], SPECIFIERS), {
    argv: ["/usr/bin/node", "/opt/with blank/openclaw.cjs", "gateway", "--port", "18789"],
    env: { HOME: "/home/ann", OPENCLAW_GATEWAY_TOKEN: "a b", X: "1", PATH: "/usr/bin:/bin" },
    environmentFiles: [{ path: "/home/ann/.openclaw/gateway.env", optional: true }],
    unsetEnvironment: [],
  });
});

test("a drop-in adds to the unit, and an empty value takes back what was said before", () => {
  const dropIn =
    "[Service]\nExecStart=\nExecStart=-/usr/bin/openclaw start\nUnsetEnvironment=X PATH\nUser=bob\n";
  const { argv, env, unsetEnvironment, user } = parseUnit([UNIT, dropIn], SPECIFIERS);
  assert.deepEqual(argv, ["/usr/bin/openclaw", "start"]);
  assert.equal(env.OPENCLAW_GATEWAY_TOKEN, "a b");
  assert.deepEqual(unsetEnvironment, ["X", "PATH"]);
  assert.equal(user, "bob");
});

const WORDS = [
  { text: "a  b\tc", want: ["a", "b", "c"] },
  { text: '"a b" c', want: ["a b", "c"] },
  { text: "'a \"b\"' c", want: ['a "b"', "c"] },
  { text: '"a\\"b\\\\c"', want: ['a"b\\c'] },
  { text: 'NAME="with blank"', want: ["NAME=with blank"] },
  { text: "", want: [] },
] as const;

for (const { text, want } of WORDS) {
  test(`words of ${JSON.stringify(text)}`, () => assert.deepEqual(splitWords(text), want));
}

test("garbage is a unit that starts nothing", () => {
  const { argv, env } = parseUnit(["\u0000\u0001[[[", "ExecStart=/outside/of/a/section"], SPECIFIERS);
  assert.deepEqual([argv, env], [[], {}]);
});

test("lines of an environment file", () => {
  assert.deepEqual(parseEnvironmentFile('# x\nA=1\nexport B="two words"\nC=\n=x\nnothing\n'), {
    A: "1",
    B: "two words",
    C: "",
  });
});
