import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ConfigFault, configWith, testConfigFault } from "../kit/config-fault.ts";
import { TOKEN } from "../kit/state.ts";

const FAULTS: readonly ConfigFault[] = [
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
    name: "auth by a trusted proxy without the header that names the user",
    inject: (state, port) => state.write(configWith(port, { auth: { mode: "trusted-proxy" } })),
    finds: "trusted-proxy-settings",
    repairs: false,
  },
  {
    name: "TLS with a certificate and no key",
    inject: (state, port) => state.write(configWith(port, { tls: { enabled: true, certPath: "cert.pem" } })),
    finds: "tls-unusable",
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
    name: "a fallback without a key",
    inject: (state, port) =>
      state.write(
        configWith(
          port,
          {},
          { agents: { defaults: { model: { primary: "demo/echo", fallbacks: ["groq/x"] } } } },
        ),
      ),
    finds: "model-missing-key",
    says: /groq\/x/,
    fix: /models\.providers\.groq\.apiKey/,
    repairs: false,
    harmless: true,
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
for (const fault of FAULTS) testConfigFault(fault);
