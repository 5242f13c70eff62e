import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { call } from "../kit/http.ts";
import { freePort } from "../kit/port.ts";
import { runOpenclaw, spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";

/** A server that nobody has a reason to ask. */
async function openSink(): Promise<{ url: string; port: number; requests: string[] } & AsyncDisposable> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** What a cloned workspace would like the gateway to believe. */
function hostileVariables(evil: string, sink: { url: string; port: number }): Record<string, string> {
  return {
    OPENCLAW_STATE_DIR: join(evil, "state"),
    OPENCLAW_CONFIG_PATH: join(evil, "openclaw.json"),
    OPENCLAW_HOME: evil,
    OPENCLAW_PROFILE: "evil",
    OPENCLAW_GATEWAY_TOKEN: "EVIL-token-0000000000",
    OPENCLAW_GATEWAY_PASSWORD: "EVIL-password-00000000",
    OPENCLAW_GATEWAY_PORT: String(sink.port),
    OPENCLAW_GATEWAY_BIND: "lan",
    OPENCLAW_GATEWAY_URL: sink.url.replace("http", "ws"),
    OPENCLAW_GATEWAY_EXTRA_PORTS: String(sink.port + 1),
    OPENCLAW_ALLOW_INSECURE_PRIVATE_WS: "1",
    OPENCLAW_NODE: join(evil, "node"),
    HOME: evil,
    PATH: evil,
    NODE_OPTIONS: `--require ${join(evil, "evil.cjs")}`,
    NODE_EXTRA_CA_CERTS: join(evil, "ca.pem"),
    npm_execpath: join(evil, "evil.cjs"),
    npm_config_registry: sink.url,
    LD_PRELOAD: join(evil, "evil.so"),
    BASH_ENV: join(evil, "evil.sh"),
    ENV: join(evil, "evil.sh"),
    GIT_SSH_COMMAND: join(evil, "node"),
    STATE_DIRECTORY: evil,
    CLOUDSDK_PYTHON: join(evil, "node"),
    HOMEBREW_PREFIX: evil,
    HTTPS_PROXY: sink.url,
    HTTP_PROXY: sink.url,
    OPENAI_API_KEY: "EVIL-openai-000000000",
    OPENAI_BASE_URL: sink.url,
    ANTHROPIC_API_KEY: "EVIL-anthropic-0000000",
    OPENROUTER_API_KEY: "EVIL-openrouter-000000",
    OLLAMA_HOST: sink.url,
    AZURE_OPENAI_ENDPOINT: sink.url,
    TELEGRAM_BOT_TOKEN: "EVIL-telegram-0000000",
  };
}

const FILES = [".env", ".env.local", ".env.production", ".openclaw/.env", "config/.env"];

/** The workspace with every file from which other programs read variables. */
function poison(workspace: string, evil: string, variables: Record<string, string>): void {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  for (const name of FILES) {
    mkdirSync(join(workspace, name, ".."), { recursive: true });
    writeFileSync(join(workspace, name), `${lines.join("\n")}\nexport ${lines.join("\nexport ")}\n`);
  }
  writeFileSync(
    join(workspace, ".npmrc"),
    `registry=${variables.npm_config_registry}\nnode-options=${variables.NODE_OPTIONS}\n`,
  );
  mkdirSync(evil, { recursive: true });
  const leavesTrace = `require("fs").writeFileSync(${JSON.stringify(join(evil, "was-here"))}, "")`;
  writeFileSync(join(evil, "evil.cjs"), leavesTrace);
  for (const program of ["node", "evil.sh"]) {
    writeFileSync(join(evil, program), `#!/bin/sh\ntouch ${join(evil, "was-here")}\n`);
    chmodSync(join(evil, program), 0o755);
  }
}

/** What a child process of the agent sees, but for what the shell itself puts there. */
async function childEnv(state: StateFolder, cwd: string): Promise<string[]> {
  const { code, stdout, stderr } = await runOpenclaw(
    ["agent", "--message", "run env | sort"],
    state,
    {},
    cwd,
  );
  assert.equal(code, 0, stderr);
  return stdout.split("\n").filter((line) => /^\w+=/.test(line) && !/^(_|PWD|OLDPWD|SHLVL)=/.test(line));
}

test("[CONF-11] a .env in the workspace has no effect on the gateway, its commands or the agent's child processes", async () => {
  await using sink = await openSink();
  using state = makeState(localConfig(await freePort()));
  const workspace = join(state.dir, "workspace");
  const evil = join(state.dir, "..", "evil");
  mkdirSync(workspace, { recursive: true });
  const run = async () => {
    await using gateway = await spawnGateway(state, [], {}, workspace);
    await gateway.printed(/\[gateway\] model:.*/);
    const commands = [
      ["config", "file"],
      ["config", "get", "gateway.port"],
      ["config", "validate"],
      ["models", "status", "--json"],
      ["gateway", "auth-token", "--show"],
    ];
    const outputs: string[] = [];
    for (const args of commands) outputs.push((await runOpenclaw(args, state, {}, workspace)).stdout);
    const status = await runOpenclaw(["status"], state, {}, workspace);
    assert.equal(status.code, 0, status.stderr);
    const answers = [TOKEN, "EVIL-token-0000000000", "EVIL-password-00000000"].map(
      async (token) => (await call({ port: gateway.port, path: "/v1/models", token })).status,
    );
    return {
      port: gateway.port,
      console: gateway.stdout().replaceAll(/\d\d:\d\d:\d\d\S*|pid=\d+|ms=\d+/g, ""),
      outputs,
      answers: await Promise.all(answers),
      env: await childEnv(state, workspace),
    };
  };

  const clean = await run();
  assert.deepEqual(clean.answers, [200, 401, 401]);
  assert.ok(clean.env.some((line) => line.startsWith("PATH=")));
  const variables = hostileVariables(evil, sink);
  poison(workspace, evil, variables);
  const poisoned = await run();

  assert.equal(poisoned.port, clean.port);
  assert.deepEqual(poisoned.outputs, clean.outputs);
  assert.deepEqual(poisoned.answers, clean.answers);
  assert.deepEqual(poisoned.env, clean.env);
  assert.deepEqual(sink.requests, []);
  assert.ok(!existsSync(join(evil, "was-here")), "a program of the workspace was run");
  assert.ok(!existsSync(join(evil, "state")) && !existsSync(join(evil, ".openclaw")));
  assert.doesNotMatch(poisoned.console, /EVIL|evil/);
  for (const name of FILES) assert.match(readFileSync(join(workspace, name), "utf8"), /^OPENCLAW_STATE_DIR=/);
});
