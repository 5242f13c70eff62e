import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as v from "valibot";
import type { ToolContext } from "../agent/tool.ts";
import { readEnv } from "../platform/env.ts";
import exec from "./exec.ts";

const PATH = "/usr/bin:/bin";

const POISON: Record<string, string> = Object.fromEntries(
  [
    "OPENCLAW_GATEWAY_TOKEN",
    "OPENAI_API_KEY",
    "NODE_OPTIONS",
    "LD_PRELOAD",
    "DYLD_INSERT_LIBRARIES",
    "BASH_ENV",
    "ENV",
    "ZDOTDIR",
    "GIT_SSH_COMMAND",
    "GIT_CONFIG_GLOBAL",
    "PAGER",
    "EDITOR",
    "PYTHONPATH",
    "PERL5OPT",
    "RUBYOPT",
    "NPM_CONFIG_PREFIX",
  ].map((name) => [name, "/poison"]),
);

function workspace() {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "exec-")));
  const seen: string[] = [];
  const control = new AbortController();
  const base: ToolContext = {
    agentId: "a",
    sessionKey: "s",
    runId: "r",
    toolCallId: "t",
    workspace: path,
    childEnv: { PATH },
    signal: control.signal,
    progress: (chunk) => seen.push(chunk),
  };
  return {
    path,
    seen,
    control,
    run: (input: object, context: Partial<ToolContext> = {}) =>
      exec.run(v.parse(exec.input, input), { ...base, ...context }),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

test("a command runs in the workspace and its output comes back", async () => {
  using place = workspace();
  const { text, details } = await place.run({ command: "pwd; echo err >&2" });
  assert.equal(text, `${place.path}\nerr`);
  assert.deepEqual({ ...details, durationMs: 0 }, { exitCode: 0, timedOut: false, durationMs: 0 });
  assert.equal(place.seen.join(""), `${place.path}\nerr\n`);
});

const ENDS = [
  { command: "exit 2", text: "(no output)\nexit code 2", exitCode: 2 },
  { command: "echo no; exit 1", text: "no\nexit code 1", exitCode: 1 },
  { command: "true", text: "(no output)", exitCode: 0 },
  { command: "kill -9 $$", text: "(no output)\nended by SIGKILL", exitCode: null },
];
for (const { command, text, exitCode } of ENDS) {
  test(`"${command}" is reported, not thrown`, async () => {
    using place = workspace();
    const result = await place.run({ command });
    assert.equal(result.text, text);
    assert.equal(result.details?.exitCode, exitCode);
  });
}

test("a command that takes too long is ended with everything it started", async () => {
  using place = workspace();
  const { text, details } = await place.run({ command: "echo begun; sleep 60 & wait", timeoutSeconds: 1 });
  assert.equal(text, "begun\ntimed out after 1 s");
  assert.equal(details?.timedOut, true);
});

test("an abort ends the command", async () => {
  using place = workspace();
  const context = { progress: () => place.control.abort() };
  const { details } = await place.run({ command: "echo begun; exec sleep 60" }, context);
  assert.equal(details?.exitCode, null);
});

test("endless output is cut with a notice", async () => {
  using place = workspace();
  const { text } = await place.run({ command: "yes | head -c 1000000" });
  assert.ok(Buffer.byteLength(text) < 64 * 1024);
  assert.match(text, /bytes left out/);
  assert.ok(place.seen.join("").length <= 64 * 1024);
});

test("cwd is a folder in the workspace and nowhere else", async () => {
  using place = workspace();
  mkdirSync(join(place.path, "sub"));
  assert.equal((await place.run({ command: "pwd", cwd: "sub" })).text, join(place.path, "sub"));
  await assert.rejects(place.run({ command: "pwd", cwd: ".." }), /outside the workspace/);
});

test("[SCOPE-06] [CONF-12] [EXEC-09] a command sees no token, no key and no loader setting, whoever asks for them", async () => {
  using place = workspace();
  const childEnv = readEnv({ HOME: "/h", PATH, ...POISON }).childEnv();
  const { text } = await place.run({ command: "env", env: POISON }, { childEnv });
  for (const name of Object.keys(POISON)) assert.doesNotMatch(text, new RegExp(`^${name}=`, "m"));
  assert.match(text, /^PATH=/m);
});
