import assert from "node:assert/strict";
import { existsSync, mkdtempDisposableSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createCappedOutput } from "./capped-output.ts";
import { readEnv } from "./env.ts";
import { isAlive } from "./ports.ts";
import { runChild, type SpawnInput } from "./spawn.ts";

const posix = { skip: process.platform === "win32" };

const sh = (script: string, input: Partial<SpawnInput> = {}) =>
  runChild({
    command: "/bin/sh",
    args: ["-c", script],
    cwd: tmpdir(),
    env: { PATH: "/usr/bin:/bin" },
    signal: new AbortController().signal,
    timeoutMs: 20_000,
    maxOutputBytes: 10_000,
    ...input,
  });

async function ended(pid: number): Promise<void> {
  while (isAlive(pid) && !isZombie(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A killed orphan stays in the table until its foster parent looks after it. */
function isZombie(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && readFileSync(stat, "utf8").includes(") Z ");
}

async function appears(file: string): Promise<string> {
  while (!existsSync(file) || !readFileSync(file, "utf8").endsWith("\n")) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return readFileSync(file, "utf8").trim();
}

test("both streams, the exit code and the working folder", posix, async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-spawn-"));
  const chunks: string[] = [];
  const result = await sh("pwd; sleep 0.4; echo err >&2; sleep 0.4; echo ünï; exit 3", {
    cwd: temp.path,
    onOutput: (chunk) => void chunks.push(chunk),
  });
  assert.equal(result.output, `${temp.path}\nerr\nünï\n`);
  assert.equal(chunks.join(""), result.output);
  assert.deepEqual([result.exitCode, result.signal, result.timedOut], [3, null, false]);
  assert.ok(result.durationMs >= 0);
});

test("arguments are not looked at by a shell", posix, async () => {
  const result = await sh("", { command: "/bin/echo", args: ["$HOME", ";", "$(id)", "*"] });
  assert.equal(result.output, "$HOME ; $(id) *\n");
});

test("[EXEC-09] the child's environment is what it was given, nothing else", posix, async () => {
  const hostile = {
    LD_PRELOAD: "/evil.so",
    NODE_OPTIONS: "--require /evil.js",
    BASH_ENV: "/evil",
    OPENAI_API_KEY: "SEC-key",
  };
  const env = readEnv({
    HOME: "/h",
    PATH: "/usr/bin:/bin",
    OPENCLAW_GATEWAY_TOKEN: "SEC-token",
    ...hostile,
  }).childEnv();
  const { output } = await sh("", { command: "/usr/bin/env", args: [], env });
  assert.deepEqual(output.trim().split("\n").sort(), ["HOME=/h", "PATH=/usr/bin:/bin"]);
});

test("the middle of too much output is left out, and only its beginning is passed on", posix, async () => {
  let passedOn = 0;
  const result = await sh("echo first; seq 1 100000; echo last", {
    onOutput(chunk) {
      passedOn += chunk.length;
    },
  });
  assert.match(result.output, /^first\n1\n2\n/);
  assert.match(result.output, /\n\[… \d+ bytes left out …\]\n/);
  assert.match(result.output, /99999\n100000\nlast\n$/);
  assert.ok(Buffer.byteLength(result.output) <= 10_000 + 60);
  assert.ok(passedOn <= 10_000);
});

for (const how of ["timeout", "abort"] as const) {
  test(`a ${how} ends the child and everything it started`, posix, async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-spawn-"));
    const file = join(temp.path, "pid");
    const abort = new AbortController();
    const running = sh(`sh -c 'sleep 60 & echo $! > ${file}; wait' & wait`, {
      signal: abort.signal,
      timeoutMs: how === "timeout" ? 300 : 20_000,
    });
    const grandchild = Number(await appears(file));
    if (how === "abort") abort.abort();
    const result = await running;
    assert.deepEqual([result.exitCode, result.signal, result.timedOut], [null, "SIGTERM", how === "timeout"]);
    await ended(grandchild);
  });
}

test("a child that ignores the polite request is ended by force", posix, async () => {
  const result = await sh("trap '' TERM; while :; do sleep 0.1; done", { timeoutMs: 50 });
  assert.deepEqual([result.signal, result.timedOut], ["SIGKILL", true]);
});

for (const redirect of ["", ">/dev/null 2>&1"]) {
  test(
    `what a child left in the background${redirect && ", without its pipes,"} ends with it`,
    posix,
    async () => {
      const result = await sh(`sleep 60 ${redirect} & echo $!`);
      assert.equal(result.exitCode, 0);
      await ended(Number(result.output));
    },
  );
}

test("a program that is missing, or a folder, is an error that says which", posix, async () => {
  await assert.rejects(sh("", { command: "/no/such/program" }), {
    message: "could not start /no/such/program: ENOENT",
    code: "ENOENT",
  });
  await assert.rejects(sh("", { cwd: "/no/such/folder" }), {
    message: "could not start /bin/sh: the folder /no/such/folder does not exist",
  });
});

test("with an aborted signal nothing is started", posix, async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-spawn-"));
  await assert.rejects(
    sh(`touch ${temp.path}/ran`, { signal: AbortSignal.abort(new Error("gone")) }),
    /gone/,
  );
  assert.equal(existsSync(join(temp.path, "ran")), false);
});

test("capped output keeps head and tail and cuts no character in half", () => {
  const output = createCappedOutput(11);
  for (const chunk of ["ää", "ääää", "ööö", "üüü"]) output.append(chunk);
  assert.equal(output.isCut(), true);
  assert.equal(output.text(), "äää\n[… 13 bytes left out …]\nüü");
  const short = createCappedOutput(11);
  short.append("ääää");
  short.append("öx");
  assert.deepEqual([short.isCut(), short.text()], [false, "ääääöx"]);
});
