import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMMENTED, type ConfigFault, configWith, testConfigFault, text } from "../kit/config-fault.ts";
import { runs } from "../kit/long.ts";
import { TOKEN } from "../kit/state.ts";

const FAULTS: readonly ConfigFault[] = [
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
    name: "[CONF-04] more wrong values than anybody mistypes",
    before: COMMENTED,
    inject: (state, port) =>
      state.write({
        ...configWith(port),
        env: {
          vars: Object.fromEntries(Array.from({ length: runs(8_000, 40_000) }, (_, i) => [`K${i}`, i])),
        },
      }),
    finds: "config-invalid",
    repairs: true,
    after: /\/\/ my gateway/,
  },
];
for (const fault of FAULTS) testConfigFault(fault);
