import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderState, idsOf, runDoctor } from "../kit/doctor.ts";
import { freePort } from "../kit/port.ts";
import { runOpenclaw, spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";

/** One fault, really caused, and what has to come of it. */
interface Fault {
  /** With the signature or threat it proves in brackets. */
  name: string;
  /** Config that was in use before the fault: history and last good version know it. */
  before?: (port: number) => unknown;
  inject(state: StateFolder, port: number): void;
  env?: NodeJS.ProcessEnv;
  finds: string;
  /** In title, evidence, why or fix. */
  says?: RegExp;
  fix?: RegExp;
  /** `doctor --fix` mends it; `force` takes `--fix --force`; false: a person has to. */
  repairs: true | "force" | false;
  /** What the config has to say afterwards. */
  after?: RegExp;
  /** The finding is no error, so the exit code of `doctor` is not its business. */
  harmless?: true;
  /** The start has put something in the place of what was set aside, so that only --undo --force brings it back. */
  contested?: true;
  /** The gateway starts with the fault as well, or cannot be started at all by this test. */
  start?: "not-tried";
}

const configWith = (port: number, gateway: Record<string, unknown> = {}, rest: object = {}) =>
  localConfig(port, { gateway, ...rest });
const text = (value: unknown) => JSON.stringify(value, null, 2);
const COMMENTED = (port: number) => `{
  // my gateway
  gateway: {
    mode: "local", bind: "loopback",
    port: ${port}, // chosen
    auth: { mode: "token", token: "${TOKEN}" },
  },
  agents: { defaults: { model: "demo/echo" } },
}
`;

const FAULTS: readonly Fault[] = [
  {
    name: "[start-mode-unset-will-be-blocked] [start-mode-is-unset] a config without gateway.mode",
    inject: (state, port) => state.write({ gateway: { port, auth: { token: TOKEN } } }),
    finds: "gateway-mode-unset",
    says: /gateway\.mode is unset; gateway start will be blocked/,
    fix: /openclaw config set gateway\.mode local/,
    repairs: true,
    after: /"mode": "local"/,
  },
  {
    name: "an empty object as config",
    inject: (state) => state.write("{}\n"),
    env: { OPENCLAW_GATEWAY_BIND: "loopback" },
    finds: "gateway-mode-unset",
    repairs: true,
  },
  {
    name: "no config at all",
    inject: (state) => mkdirSync(state.dir, { recursive: true, mode: 0o700 }),
    finds: "config-missing",
    says: /Missing config|no config/i,
    repairs: true,
  },
  {
    name: "a config that was in use and is gone",
    before: COMMENTED,
    inject: (state) => rmSync(state.configPath),
    finds: "config-missing",
    repairs: true,
    after: /\/\/ my gateway/,
  },
  {
    name: "a link to nowhere in the place of the config",
    inject(state) {
      mkdirSync(state.dir, { recursive: true, mode: 0o700 });
      symlinkSync(join(state.dir, "not-there.json"), state.configPath);
    },
    finds: "config-missing",
    fix: /^ls -l /,
    repairs: false,
  },
  {
    name: "a folder in the place of the config",
    inject: (state) => mkdirSync(state.configPath, { recursive: true, mode: 0o700 }),
    finds: "config-unreadable",
    says: /is not a regular file/,
    repairs: false,
  },
  {
    name: "a config of five megabytes",
    inject: (state, port) => state.write(`${text(configWith(port))}\n// ${"x".repeat(5_000_000)}`),
    finds: "config-unreadable",
    says: /larger than 4 MB/,
    repairs: false,
  },
  {
    name: "[config-file-clobbered] a sentence in front of the config",
    inject: (state, port) => state.write(`Here is your config:\n${COMMENTED(port)}`),
    finds: "config-prefix",
    repairs: true,
    after: /^\{\n {2}\/\/ my gateway/,
  },
  {
    name: "[config-file-clobbered] a config inside of a code block",
    inject: (state, port) => state.write(`Sure!\n\`\`\`json\n${COMMENTED(port)}\`\`\`\nGood luck.\n`),
    finds: "config-prefix",
    repairs: true,
    after: /^\{\n {2}\/\/ my gateway/,
  },
  {
    name: "a sentence in front of a config that lacks a comma too",
    inject: (state, port) =>
      state.write(
        `$ cat it\n${COMMENTED(port)
          .replace("// chosen", "")
          .replace(/(port: \d+),/, "$1")}`,
      ),
    finds: "config-prefix",
    repairs: true,
  },
  {
    name: "[config-syntaxerror] a comma left out",
    inject: (state, port) => state.write(COMMENTED(port).replace('"local",', '"local"')),
    finds: "config-syntax",
    says: /SyntaxError in config/,
    repairs: true,
    after: /mode: "local", bind/,
  },
  {
    name: "[config-syntaxerror] a comma too much",
    inject: (state, port) => state.write(COMMENTED(port).replace('"local",', '"local",,')),
    finds: "config-syntax",
    repairs: true,
    after: /mode: "local", bind/,
  },
  {
    name: "[config-syntaxerror] an unquoted word, with a last good version",
    before: COMMENTED,
    inject: (state, port) => state.write(COMMENTED(port).replace('"local"', "local")),
    finds: "config-syntax",
    says: /SyntaxError in config/,
    repairs: true,
    after: /mode: "local"/,
  },
  {
    name: "[config-syntaxerror] garbage, and nothing from before",
    inject: (state) => state.write("!!! not a config at all"),
    finds: "config-syntax",
    fix: /openclaw config reset/,
    repairs: false,
  },
  {
    name: "[config-syntaxerror] a config cut in half, with a last good version",
    before: COMMENTED,
    inject: (state, port) => state.write(COMMENTED(port).slice(0, 60)),
    finds: "config-truncated",
    repairs: true,
    after: /\/\/ chosen/,
  },
  {
    name: '[config-syntaxerror] {"gateway":{ and nothing from before',
    inject: (state) => state.write('{"gateway":{'),
    env: { OPENCLAW_GATEWAY_BIND: "loopback" },
    finds: "config-truncated",
    repairs: true,
    after: /"mode": "local"/,
  },
  {
    name: "an empty file in the place of a config that was in use",
    before: COMMENTED,
    inject: (state) => state.write(""),
    finds: "config-truncated",
    repairs: true,
    after: /\/\/ my gateway/,
  },
  {
    name: "a config full of zero bytes after a power cut",
    before: COMMENTED,
    inject: (state, port) => state.write("\u0000".repeat(COMMENTED(port).length)),
    finds: "config-truncated",
    repairs: true,
    after: /\/\/ my gateway/,
  },
  {
    name: "the marks of a merge conflict",
    before: COMMENTED,
    inject: (state, port) =>
      state.write(`<<<<<<< ours\n${COMMENTED(port)}=======\n${COMMENTED(port + 1)}>>>>>>> theirs\n`),
    finds: "config-prefix",
    repairs: true,
    after: /\/\/ my gateway/,
  },
  {
    name: "[config-invalid-at] a misspelt key",
    inject: (state, port) => state.write(COMMENTED(port).replace("port:", "prot:")),
    finds: "config-invalid",
    says: /did you mean "port"/,
    repairs: true,
    after: /\bport: \d+/,
  },
  {
    name: "[config-invalid-at] an unknown section",
    inject: (state, port) => state.write({ ...configWith(port), bogus: { a: 1 } }),
    finds: "config-invalid",
    says: /Unrecognized key: "bogus"/,
    repairs: true,
  },
  {
    name: '[config-invalid-at] gateway.port: "abc" where it was a number before',
    before: (port) => configWith(port),
    inject: (state, port) => state.write(configWith(port, { port: "abc" })),
    finds: "config-invalid",
    says: /gateway\.port/,
    repairs: true,
    after: /"port": \d+/,
  },
  {
    name: "[CONF-01] a reserved key",
    before: (port) => configWith(port),
    inject: (state, port) =>
      state.write(text(configWith(port)).replace("{", '{ "__proto__": { "polluted": true },')),
    finds: "config-invalid",
    says: /Reserved key/,
    repairs: true,
  },
  {
    name: "a variable that is not set",
    inject: (state, port) =>
      state.write(configWith(port, { auth: { mode: "token", token: "${OPENCLAW_TEST_NOT_SET}" } })),
    finds: "config-invalid",
    says: /Environment variable OPENCLAW_TEST_NOT_SET is not set/,
    repairs: false,
  },
  {
    name: "an included file that is broken",
    inject(state, port) {
      state.write({ ...configWith(port), models: { $include: "./models.json" } });
      writeFileSync(join(state.dir, "models.json"), "{ broken");
    },
    finds: "config-syntax",
    fix: /models\.json/,
    repairs: false,
  },
  {
    name: "[config-invalid-at] a misspelt key in an included file",
    inject(state, port) {
      state.write(`{ gateway: { $include: "./gateway.json5" } } // mine`);
      writeFileSync(
        join(state.dir, "gateway.json5"),
        `{ mode: "local", bind: "loopback", prot: ${port}, /* here */ auth: { token: "${TOKEN}" } }`,
        { mode: 0o600 },
      );
    },
    finds: "config-invalid",
    says: /did you mean "port"/,
    repairs: true,
    after: /^\{ gateway: \{ \$include: "\.\/gateway\.json5" \}/,
  },
  {
    name: "[CONF-02] an include that leads out of the folder",
    inject: (state, port) => state.write({ ...configWith(port), models: { $include: "/etc/hostname" } }),
    finds: "config-invalid",
    repairs: false,
  },
  {
    name: "[config-promotion-skipped] [CONF-08] a placeholder in the place of the token",
    before: (port) => configWith(port),
    inject: (state, port) => state.write(configWith(port, { auth: { mode: "token", token: "***" } })),
    finds: "config-placeholder",
    repairs: true,
    after: new RegExp(TOKEN),
    harmless: true,
    start: "not-tried",
  },
  {
    name: "[config-reason-size-drop] a valid config that lost most of what there was",
    before: (port) =>
      configWith(
        port,
        {},
        {
          models: {
            providers: { mine: { baseUrl: "http://127.0.0.1:1/v1", headers: { a: "b".repeat(500) } } },
          },
        },
      ),
    inject: (state, port) => state.write({ gateway: { mode: "local", port } }),
    finds: "config-clobbered",
    says: /size-drop-vs-last-good:\d+->\d+/,
    repairs: "force",
    after: /"mine"/,
    harmless: true,
  },
  {
    name: "[config-newer-version-guard] a config of a newer version",
    inject: (state, port) => state.write({ ...configWith(port), meta: { lastTouchedVersion: "2099.1.1" } }),
    finds: "config-newer",
    says: /Refusing to start the gateway because this OpenClaw binary/,
    fix: /which -a openclaw/,
    repairs: false,
  },
  {
    name: "[config-legacy-gateway-token] gateway.token of an older guide",
    inject: (state, port) => state.write({ gateway: { mode: "local", port, token: TOKEN } }),
    env: { OPENCLAW_GATEWAY_BIND: "loopback" },
    finds: "legacy-keys",
    says: /Found "gateway\.token" in config\. Use "gateway\.auth\.token" instead\./,
    repairs: true,
    after: /"auth": \{\s*"token"/,
    harmless: true,
  },
  {
    name: "[config-legacy-gateway-token] both tokens, and they differ",
    inject: (state, port) => state.write(configWith(port, { token: "SEC-another-token-123" })),
    finds: "legacy-keys",
    says: /is another one and wins/,
    repairs: true,
    harmless: true,
  },
  {
    name: "gateway.mode hybrid of an older guide",
    inject: (state, port) => state.write(configWith(port, { mode: "hybrid", bind: undefined })),
    finds: "legacy-keys",
    repairs: true,
    after: /"bind": "lan"/,
    harmless: true,
  },
  {
    name: "gateway.host 0.0.0.0 of an older guide",
    inject: (state, port) => state.write(configWith(port, { bind: undefined, host: "0.0.0.0" })),
    finds: "legacy-keys",
    repairs: true,
    after: /"bind": "lan"/,
    harmless: true,
  },
  {
    name: "gateway.mode remote with gateway.host of an older guide",
    inject: (state, port) =>
      state.write(configWith(port, { mode: "remote", bind: undefined, host: "0.0.0.0" })),
    finds: "legacy-keys",
    repairs: true,
    after: /"mode": "local"/,
    harmless: true,
  },
  {
    name: "an address in gateway.bind",
    inject: (state, port) => state.write(configWith(port, { bind: "0.0.0.0" })),
    finds: "legacy-keys",
    repairs: true,
    after: /"bind": "lan"/,
    harmless: true,
  },
  {
    name: "a port no machine has",
    inject: (state) => state.write(configWith(99_999)),
    env: { OPENCLAW_GATEWAY_PORT: "1" },
    finds: "legacy-keys",
    repairs: true,
    harmless: true,
    start: "not-tried",
  },
  {
    name: "[start-blocked-mode-remote] gateway.mode remote without an address",
    inject: (state, port) => state.write(configWith(port, { mode: "remote" })),
    finds: "gateway-mode-remote",
    fix: /openclaw config set gateway\.mode local/,
    repairs: false,
  },
  {
    name: "[bind-refused-without-auth] the network without a secret",
    inject: (state, port) => state.write({ gateway: { mode: "local", bind: "lan", port } }),
    finds: "bind-without-auth",
    says: /refusing to bind gateway .* without auth/,
    fix: /openclaw config set gateway\.auth\.token <token>/,
    repairs: true,
    after: /"token": "[0-9a-f]{64}"/,
  },
  {
    name: "[bind-refused-without-auth] an address of this machine, and auth mode none",
    inject: (state, port) =>
      state.write({
        gateway: { mode: "local", bind: "custom", customBindHost: "0.0.0.0", port, auth: { mode: "none" } },
      }),
    finds: "bind-without-auth",
    says: /refusing to bind gateway .* without auth/,
    repairs: true,
  },
  {
    name: "a token and a password, and no word which counts",
    inject: (state, port) =>
      state.write(configWith(port, { auth: { token: TOKEN, password: "SEC-password-1" } })),
    finds: "auth-ambiguous",
    fix: /openclaw config set gateway\.auth\.mode token/,
    repairs: "force",
    after: /"mode": "token"/,
  },
  {
    name: "auth mode password without a password",
    inject: (state, port) =>
      state.write({ gateway: { mode: "local", bind: "loopback", port, auth: { mode: "password" } } }),
    finds: "start-refused",
    says: /no password is set/,
    repairs: "force",
  },
  {
    name: "auth by a trusted proxy, which this version does not have",
    inject: (state, port) => state.write(configWith(port, { auth: { mode: "trusted-proxy" } })),
    finds: "auth-unsupported",
    repairs: false,
  },
  {
    name: "TLS, which this version does not have",
    inject: (state, port) => state.write(configWith(port, { tls: { enabled: true } })),
    finds: "auth-unsupported",
    repairs: false,
  },
  {
    name: "bind custom without an address",
    inject: (state, port) => state.write(configWith(port, { bind: "custom" })),
    finds: "bind-unusable",
    says: /requires gateway\.customBindHost/,
    repairs: "force",
    after: /"bind": "loopback"/,
  },
  {
    name: "an address this machine does not have",
    inject: (state, port) => state.write(configWith(port, { bind: "custom", customBindHost: "192.0.2.77" })),
    finds: "bind-unusable",
    says: /no address 192\.0\.2\.77/,
    repairs: false,
  },
  {
    name: "a token out of an example",
    inject: (state, port) => state.write(configWith(port, { auth: { token: "changeme" } })),
    finds: "token-weak",
    fix: /--generate-gateway-token/,
    repairs: false,
    harmless: true,
  },
  {
    name: "a saved token that was overwritten with garbage",
    inject(state, port) {
      state.write({ gateway: { mode: "local", bind: "loopback", port } });
      mkdirSync(join(state.dir, "data"), { mode: 0o700 });
      writeFileSync(join(state.dir, "data/gateway.token"), "\u0000\u0001garbage", { mode: 0o600 });
    },
    finds: "token-file-damaged",
    repairs: true,
    contested: true,
  },
  {
    name: "a token in the environment that is not the one of the config",
    inject: (state, port) => state.write(configWith(port)),
    env: { OPENCLAW_GATEWAY_TOKEN: "SEC-of-the-environment-1" },
    finds: "token-drift",
    fix: /unset OPENCLAW_GATEWAY_TOKEN/,
    repairs: false,
    harmless: true,
  },
  {
    name: "a port in the environment that is not the one of the config",
    inject: (state, port) => state.write(configWith(port)),
    env: { OPENCLAW_GATEWAY_PORT: "1" },
    finds: "env-overrides",
    says: /OPENCLAW_GATEWAY_PORT/,
    repairs: false,
    harmless: true,
    start: "not-tried",
  },
  {
    name: "[CONF-05] config.yaml of an older guide, and no openclaw.json",
    inject(state, port) {
      mkdirSync(state.dir, { recursive: true, mode: 0o700 });
      writeFileSync(
        join(state.dir, "config.yaml"),
        `# mine\ngateway:\n  mode: local\n  bind: loopback\n  port: ${port}\n  auth:\n    token: ${TOKEN}\n`,
      );
    },
    finds: "config-yaml",
    repairs: true,
    after: new RegExp(`"token": "${TOKEN}"`),
  },
  {
    name: "config.yaml beside openclaw.json",
    inject(state, port) {
      state.write(configWith(port));
      writeFileSync(join(state.dir, "config.yaml"), "gateway: { mode: local }\n");
    },
    finds: "config-yaml",
    says: /is not read/,
    repairs: false,
    harmless: true,
  },
  {
    name: "a damaged entry in the history of the config",
    before: (port) => configWith(port),
    inject: (state) => appendFileSync(join(state.dir, "data/config-history/000001.json"), "garbage"),
    finds: "config-history-damaged",
    repairs: true,
    contested: true,
    harmless: true,
  },
  {
    name: "a model whose key is nowhere",
    inject: (state, port) =>
      state.write(configWith(port, {}, { agents: { defaults: { model: "openai/gpt-5.5" } } })),
    finds: "model-missing-key",
    fix: /models\.providers\.openai\.apiKey/,
    repairs: false,
    harmless: true,
  },
  {
    name: "a model of a provider nobody knows",
    inject: (state, port) =>
      state.write(configWith(port, {}, { agents: { defaults: { model: "nobody/x" } } })),
    finds: "model-unusable",
    repairs: false,
  },
  {
    name: "the address of a model server without /v1",
    inject: (state, port) =>
      state.write(
        configWith(port, {}, { models: { providers: { mine: { baseUrl: "http://127.0.0.1:1234" } } } }),
      ),
    finds: "provider-advice",
    says: /end in \/v1/,
    repairs: false,
    harmless: true,
  },
];

/** What a gateway that was started in between has changed. */
const OF_THE_GATEWAY = /^$|last-good$|^gateway\.pid$|^workspace|^data($|\/(sessions|boots))/;

for (const fault of FAULTS) {
  test(`doctor: ${fault.name}`, async () => {
    const { finds, says, fix, repairs, after, env = {}, harmless, start } = fault;
    const port = await freePort();
    using state = makeState();
    if (fault.before) {
      state.write(fault.before(port));
      await runBriefly(state);
    }
    fault.inject(state, port);
    const faulty = folderState(state.dir);

    const seen = await runDoctor(state, [], env);
    const found = seen.findings.find(({ id }) => id === finds);
    assert.ok(found, `found ${idsOf(seen).join(", ") || "nothing"}`);
    const said = [found.title, ...found.evidence, found.why, found.fix].join("\n");
    if (says) assert.match(said, says);
    assert.match(found.fix, fix ?? /\S/);
    assert.ok(!JSON.stringify(seen).includes(TOKEN), "a secret is in the report");
    if (!harmless) assert.deepEqual([found.severity, seen.code], ["error", 1]);
    assert.ok(seen.durationMs < 2_000, `took ${seen.durationMs} ms`);
    assert.deepEqual(folderState(state.dir), faulty, "looking has changed something");

    const careful = await runDoctor(state, ["--fix", "--non-interactive"], env);
    if (repairs !== true) {
      assert.ok(idsOf(careful).includes(finds), "it is gone without a repair");
      assert.deepEqual(folderState(state.dir), faulty, "something else was repaired");
      if (repairs === false) return;
    }
    const fixed = repairs === "force" ? await runDoctor(state, ["--fix", "--force"], env) : careful;
    assert.ok(!idsOf(fixed).includes(finds), `still there: ${JSON.stringify(fixed, null, 1)}`);
    assert.equal(fixed.code, 0, JSON.stringify(fixed, null, 1));
    assert.ok(fixed.repairs!.every(({ outcome }) => outcome === "fixed"));
    if (after) assert.match(readFileSync(state.configPath, "utf8"), after);

    if (start !== "not-tried") {
      await using gateway = await spawnGateway(state, ["--port", String(port)], env);
      assert.equal((await fetch(`http://127.0.0.1:${gateway.port}/readyz`)).status, 200);
      gateway.child.kill("SIGKILL");
      await gateway.ended;
    }
    if (fault.contested) assert.equal((await runOpenclaw(["doctor", "--undo"], state, env)).code, 1);
    const force = fault.contested ? ["--force"] : [];
    const { code, stderr } = await runOpenclaw(["doctor", "--undo", ...force], state, env);
    assert.equal(code, 0, stderr);
    const restored = folderState(state.dir);
    for (const [name, was] of Object.entries(faulty)) {
      if (!OF_THE_GATEWAY.test(name)) assert.equal(restored[name], was, `${name} is not what it was`);
    }
  });
}

/** So that the config was really in use: a last good version and a history of it are there. */
async function runBriefly(state: StateFolder): Promise<void> {
  await using gateway = await spawnGateway(state);
  const deadline = performance.now() + 10_000;
  const isKept = () => {
    try {
      return (
        readFileSync(`${state.configPath}.last-good`).length > 0 &&
        readFileSync(join(state.dir, "data/config-history/000001.json")).length > 0
      );
    } catch {
      return false;
    }
  };
  while (!isKept() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  gateway.child.kill("SIGTERM");
  await gateway.ended;
}
