import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Config } from "../config/schema.ts";
import { readEnv } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { createOutbound } from "../platform/outbound.ts";
import { KNOWN_PROVIDERS } from "./known-providers.ts";
import { resolveModelTargets } from "./model-ref.ts";
import { describeChoice, discoverModel, parseModelRef, resolveModelRef } from "./models.ts";

const NO_ENV = readEnv({ HOME: "/home/u" });

function withProvider(name: string, provider: Record<string, unknown>): Config {
  return { models: { providers: { [name]: provider } } } as Config;
}

const REFS = [
  { ref: "openai/gpt-5.5", want: { provider: "openai", model: "gpt-5.5" } },
  { ref: "openrouter/openrouter/auto", want: { provider: "openrouter", model: "openrouter/auto" } },
  { ref: "gpt-5.5", want: undefined },
  { ref: "/gpt-5.5", want: undefined },
  { ref: "openai/", want: undefined },
];
for (const { ref, want } of REFS)
  test(`"${ref}" splits at its first slash`, () => assert.deepEqual(parseModelRef(ref), want));

test("a known provider needs no more than its key", () => {
  const env = readEnv({ HOME: "/home/u", OPENAI_API_KEY: "k" });
  assert.deepEqual(resolveModelRef("openai/gpt-5.5", {}, env), {
    provider: "openai",
    model: "gpt-5.5",
    api: "openai-responses",
    baseUrl: "https://api.openai.com/v1",
    apiKey: "k",
    compat: { maxTokensField: "max_completion_tokens" },
  });
});

test("the config wins over the table and the environment, field by field", () => {
  const config = withProvider("openai", {
    baseUrl: "http://proxy.test/v1/",
    apiKey: "configured",
    headers: { "x-team": "a", "x-ref": { source: "env", id: "X" } },
    maxTokens: 100,
    models: [{ id: "gpt-5.5", contextWindow: 4096, compat: { supportsTools: false } }],
  });
  const env = readEnv({ HOME: "/home/u", OPENAI_API_KEY: "from-env" });
  assert.deepEqual(resolveModelRef("openai/gpt-5.5", config, env), {
    provider: "openai",
    model: "gpt-5.5",
    api: "openai-completions",
    baseUrl: "http://proxy.test/v1",
    apiKey: "configured",
    headers: { "x-team": "a" },
    contextWindow: 4096,
    maxTokens: 100,
    compat: { maxTokensField: "max_completion_tokens", supportsTools: false },
  });
});

test("local servers and the demo need no key", () => {
  assert.equal(resolveModelRef("ollama/llama3", {}, NO_ENV).baseUrl, "http://127.0.0.1:11434/v1");
  assert.equal(resolveModelRef("demo/echo", {}, NO_ENV).api, "demo");
});

test("a service of one's own needs an address only", () => {
  const config = withProvider("mine", { baseUrl: "http://10.0.0.2/v1" });
  assert.equal(resolveModelRef("mine/x", config, NO_ENV).apiKey, undefined);
});

const REFUSED = [
  {
    name: "no reference",
    ref: "gpt-5.5",
    says: /not a model reference/,
    fix: /agents\.defaults\.model\.primary/,
  },
  {
    name: "an unknown provider",
    ref: "acme/x",
    says: /unknown model provider "acme"/,
    fix: /models\.providers\.acme\.baseUrl/,
  },
  {
    name: "a missing key",
    ref: "groq/x",
    says: /no API key for groq\/x/,
    fix: /models\.providers\.groq\.apiKey/,
  },
  { name: "a name every object has", ref: "constructor/x", says: /unknown model provider/, fix: /baseUrl/ },
];
for (const { name, ref, says, fix } of REFUSED) {
  test(`${name} is refused with its fix`, () => {
    assert.throws(
      () => resolveModelRef(ref, {}, NO_ENV),
      (fault) =>
        fault instanceof Fault &&
        fault.exitCode === 78 &&
        says.test(fault.message) &&
        fix.test(fault.fix ?? ""),
    );
  });
}

test("the missing key names its variables", () => {
  assert.throws(
    () => resolveModelRef("google/x", {}, NO_ENV),
    (fault) => fault instanceof Fault && /GEMINI_API_KEY nor GOOGLE_API_KEY/.test(fault.why ?? ""),
  );
});

async function discover(config: Config, raw: NodeJS.ProcessEnv, ports: Record<string, number> = {}) {
  using outbound = createOutbound();
  const env = readEnv({ HOME: "/home/u", ...raw });
  return await discoverModel({ config, env, outbound, ports, signal: new AbortController().signal });
}

async function modelServer(body: unknown, status = 200) {
  const server = createServer((_, response) => response.writeHead(status).end(JSON.stringify(body)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("the configured default comes before a key in the environment", async () => {
  const config: Config = { agents: { defaults: { model: { primary: "demo/echo" } } } };
  const choice = await discover(config, { OPENAI_API_KEY: "k" });
  assert.deepEqual([choice.source, choice.target.model], ["config", "echo"]);
});

test("a configured default that cannot be used is a fault, not a silent other model", async () => {
  const config: Config = { agents: { defaults: { model: "groq/x" } } };
  await assert.rejects(discover(config, { OPENAI_API_KEY: "k" }), Fault);
});

test("keys are preferred in the order of the table, each with a model it can use", async () => {
  const { target, detail } = await discover(
    {},
    { DEEPSEEK_API_KEY: "d", GOOGLE_API_KEY: "g", OPENROUTER_API_KEY: "" },
  );
  assert.deepEqual([target.provider, detail], ["google", "GOOGLE_API_KEY"]);
  assert.equal(target.model, KNOWN_PROVIDERS.google?.defaultModel);
});

test("a local server that lists a model is found; the first by name wins, embedding models are passed over", async () => {
  await using lmstudio = await modelServer({ data: [{ id: "text-embedding-nomic" }, { id: "qwen3" }] });
  await using vllm = await modelServer({ data: [{ id: "other" }] });
  const choice = await discover({}, {}, { lmstudio: lmstudio.port, vllm: vllm.port });
  assert.equal(choice.source, "local-server");
  assert.equal(choice.detail, `LM Studio on 127.0.0.1:${lmstudio.port}`);
  assert.deepEqual(choice.target, {
    provider: "lmstudio",
    model: "qwen3",
    api: "openai-completions",
    baseUrl: `http://127.0.0.1:${lmstudio.port}/v1`,
  });
});

const NO_MODELS: { name: string; body: unknown; status?: number }[] = [
  { name: "some other web server", body: { hello: "world" } },
  { name: "a server that wants a key", body: { data: [{ id: "x" }] }, status: 401 },
  { name: "another gateway", body: { data: [{ id: "openclaw" }, { id: "openclaw/default" }] } },
  { name: "a server without models", body: { data: [] } },
];
for (const { name, body, status } of NO_MODELS) {
  test(`${name} on a usual port is not taken for a model server`, async () => {
    await using server = await modelServer(body, status);
    const choice = await discover({}, {}, { llamacpp: server.port });
    assert.equal(choice.source, "demo");
  });
}

test("a server that accepts and says nothing delays discovery no longer than its deadline", async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const choice = await discover({}, {}, { vllm: (server.address() as AddressInfo).port });
  server.closeAllConnections();
  server.close();
  assert.equal(choice.source, "demo");
});

test("every choice is described with its reason and the way to change it", async () => {
  const [what, how] = describeChoice(await discover({}, { OPENAI_API_KEY: "secret-value" }));
  assert.equal(what, "model: openai/gpt-5.5 (found OPENAI_API_KEY in the environment)");
  assert.match(how ?? "", /openclaw config set agents\.defaults\.model\.primary <provider>\/<model>/);
  const demo = describeChoice(await discover({}, {}));
  assert.match(demo[0] ?? "", /demo\/echo.*no language model/);
});

test("several keys of one provider are tried in their order, the config's own stands alone", () => {
  const env = readEnv({
    HOME: "/home/u",
    GROQ_API_KEY: "a",
    GROQ_API_KEYS: "b, a;c",
    GROQ_API_KEY_1: "d",
  });
  const keys = (config: Config) => resolveModelTargets("groq/x", config, env).map(({ apiKey }) => apiKey);
  assert.deepEqual(keys({}), ["a", "b", "c", "d"]);
  assert.deepEqual(keys(withProvider("groq", { apiKey: "own" })), ["own"]);
  assert.deepEqual(keys(withProvider("groq", { apiKey: { source: "env", id: "GROQ_API_KEY_1" } })), ["d"]);
});

test("a key may be kept in a file", () => {
  const dir = mkdtempSync(join(tmpdir(), "openclaw-key-"));
  try {
    const id = join(dir, "key");
    writeFileSync(id, "from-file\n");
    const config = withProvider("mine", { baseUrl: "http://m/v1", apiKey: { source: "file", id } });
    assert.equal(resolveModelRef("mine/x", config, NO_ENV).apiKey, "from-file");
    const missing = withProvider("openai", { apiKey: { source: "file", id: join(dir, "none") } });
    assert.throws(() => resolveModelRef("openai/x", missing, NO_ENV), /no API key for openai\/x/);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("settings of a model: the nearer to the agent, the stronger; deadlines and prices reach the call", () => {
  const config: Config = {
    ...withProvider("mine", {
      baseUrl: "http://m/v1",
      params: { temperature: 0, from: "provider" },
      timeouts: { firstByteSeconds: 5 },
      timeoutSeconds: 60,
      models: [{ id: "x", params: { temperature: 1 }, cost: { input: 3 }, input: ["text"] }],
    }),
    agents: { defaults: { thinkingDefault: "low", models: { "mine/x": { params: { context1m: true } } } } },
  };
  const settings = { models: { "mine/x": { params: { temperature: 2 } } } };
  const target = resolveModelRef("mine/x", config, NO_ENV, settings);
  assert.deepEqual(target.params, { thinking: "low", temperature: 2, from: "provider", context1m: true });
  assert.deepEqual(target.deadlines, { firstByteMs: 5_000, totalMs: 60_000 });
  assert.deepEqual([target.cost, target.input], [{ input: 3 }, ["text"]]);
});

test("Anthropic speaks its own protocol at every address, OpenAI the usual one elsewhere", () => {
  const env = readEnv({ HOME: "/home/u", ANTHROPIC_API_KEY: "k", OPENAI_API_KEY: "k" });
  const apiOf = (ref: string, config: Config = {}) => resolveModelRef(ref, config, env).api;
  assert.equal(apiOf("anthropic/c"), "anthropic-messages");
  assert.equal(
    apiOf("anthropic/c", withProvider("anthropic", { baseUrl: "http://p" })),
    "anthropic-messages",
  );
  assert.equal(apiOf("openai/g"), "openai-responses");
  assert.equal(apiOf("openai/g", withProvider("openai", { baseUrl: "http://p/v1" })), "openai-completions");
});
