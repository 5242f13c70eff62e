import assert from "node:assert/strict";
import { test } from "node:test";
import { childVariables } from "./child-env.ts";
import { readEnv } from "./env.ts";
import { Fault } from "./fault.ts";

test("every variable has its place", () => {
  const env = readEnv({
    HOME: "/home/ann",
    OPENCLAW_STATE_DIR: "/state",
    OPENCLAW_CONFIG_PATH: "/state/c.json",
    OPENCLAW_PROFILE: "work",
    OPENCLAW_GATEWAY_PORT: "3001",
    OPENCLAW_GATEWAY_BIND: "lan",
    OPENCLAW_GATEWAY_MODE: "local",
    OPENCLAW_GATEWAY_TOKEN: "t",
    OPENCLAW_GATEWAY_PASSWORD: "p",
    OPENCLAW_GATEWAY_URL: "ws://h",
    OPENCLAW_GATEWAY_EXTRA_PORTS: "3001, 3002",
    OPENCLAW_HANDSHAKE_TIMEOUT_MS: "500",
    OPENCLAW_MAX_PREAUTH_CONNECTIONS_PER_IP: "8",
    OPENCLAW_STARTUP_TIMEOUT_MS: "2000",
    OPENCLAW_FAULT_PLAN: "start.beforeListen=hang",
    OPENCLAW_SKIP_CRON: "1",
    OPENCLAW_IN_CONTAINER: "1",
    OPENCLAW_ALLOW_INSECURE_PRIVATE_WS: "1",
    NO_COLOR: "1",
    OPENCLAW_LOG_LEVEL: "debug",
    TZ: "UTC",
  });
  const { get, childEnv, variables, ...values } = env;
  assert.deepEqual(values, {
    home: "/home/ann",
    stateDir: "/state",
    configPath: "/state/c.json",
    profile: "work",
    gateway: {
      port: 3001,
      bind: "lan",
      mode: "local",
      token: "t",
      password: "p",
      url: "ws://h",
      extraPorts: [3001, 3002],
    },
    handshakeTimeoutMs: 500,
    maxPreauthConnectionsPerIp: 8,
    startupTimeoutMs: 2000,
    faultPlan: "start.beforeListen=hang",
    skipCron: true,
    inContainer: true,
    allowInsecurePrivateWs: true,
    noColor: true,
    logLevel: "debug",
    tz: "UTC",
  });
});

test("a thread that reads the variables again has the same environment, and a copy of its own", () => {
  const env = readEnv({ HOME: "/h", OPENCLAW_GATEWAY_PORT: "3001", MY_KEY: "k" });
  const copy = env.variables();
  const again = readEnv(copy);
  assert.deepEqual([again.home, again.gateway.port, again.get("MY_KEY")], ["/h", 3001, "k"]);
  copy.MY_KEY = "other";
  assert.equal(env.variables().MY_KEY, "k");
});

test("an empty variable counts as unset", () => {
  const env = readEnv({
    HOME: "/h",
    OPENCLAW_HOME: "",
    OPENCLAW_GATEWAY_PORT: "",
    OPENCLAW_GATEWAY_TOKEN: "",
    OPENAI_API_KEY: "",
  });
  assert.equal(env.home, "/h");
  assert.equal(env.gateway.port, undefined);
  assert.equal(env.gateway.token, undefined);
  assert.deepEqual(env.gateway.extraPorts, []);
  assert.equal(env.get("OPENAI_API_KEY"), undefined);
});

test("OPENCLAW_HOME wins over HOME and may start with a tilde", () => {
  assert.equal(readEnv({ HOME: "/h", OPENCLAW_HOME: "/other" }).home, "/other");
  assert.equal(readEnv({ HOME: "/h", OPENCLAW_HOME: "~/oc" }).home, "/h/oc");
});

test("without HOME the account's home is taken", () => {
  assert.match(readEnv({}).home, /\S/);
});

const BROKEN = [
  { name: "OPENCLAW_GATEWAY_PORT", value: "abc" },
  { name: "OPENCLAW_GATEWAY_PORT", value: "0" },
  { name: "OPENCLAW_GATEWAY_PORT", value: "65536" },
  { name: "OPENCLAW_GATEWAY_PORT", value: "80.5" },
  { name: "OPENCLAW_GATEWAY_PORT", value: "0x50" },
  { name: "OPENCLAW_GATEWAY_PORT", value: "-1" },
  { name: "OPENCLAW_GATEWAY_EXTRA_PORTS", value: "3001,x" },
  { name: "OPENCLAW_HANDSHAKE_TIMEOUT_MS", value: "soon" },
  { name: "OPENCLAW_HANDSHAKE_TIMEOUT_MS", value: "99999999999" },
  { name: "OPENCLAW_MAX_PREAUTH_CONNECTIONS_PER_IP", value: "0" },
];
for (const { name, value } of BROKEN) {
  test(`${name}=${value} is refused by name, with the command that helps`, () => {
    assert.throws(
      () => readEnv({ HOME: "/h", [name]: value }),
      (error: Fault) => {
        assert.ok(error instanceof Fault);
        assert.equal(error.exitCode, 78);
        assert.match(error.message, new RegExp(`^${name}=`));
        assert.equal(error.fix, `unset ${name}`);
        return true;
      },
    );
  });
}

for (const value of ["0", "false", "off", "no"]) {
  test(`OPENCLAW_SKIP_CRON=${value} means no`, () => {
    assert.equal(readEnv({ HOME: "/h", OPENCLAW_SKIP_CRON: value }).skipCron, false);
  });
}

const HOSTILE = [
  "LD_PRELOAD",
  "LD_LIBRARY_PATH",
  "DYLD_INSERT_LIBRARIES",
  "NODE_OPTIONS",
  "NODE_PATH",
  "BASH_ENV",
  "ENV",
  "SHELLOPTS",
  "PS4",
  "IFS",
  "PYTHONPATH",
  "PYTHONSTARTUP",
  "PERL5OPT",
  "RUBYOPT",
  "GIT_SSH_COMMAND",
  "JAVA_TOOL_OPTIONS",
  "HTTPS_PROXY",
  "SSL_CERT_FILE",
  "OPENAI_API_KEY",
  "ANTHROPIC_API_KEY",
  "TELEGRAM_BOT_TOKEN",
  "OPENCLAW_GATEWAY_TOKEN",
  "OPENCLAW_STATE_DIR",
  "npm_config_registry",
];
for (const name of HOSTILE) {
  test(`[EXEC-09] [CONF-12] ${name} does not reach a child process`, () => {
    const env = readEnv({ HOME: "/h", PATH: "/bin", [name]: "x" });
    assert.deepEqual(env.childEnv(), { HOME: "/h", PATH: "/bin" });
  });
}

test("[EXEC-09] a shell function under an allowed name does not reach a child process", () => {
  assert.deepEqual(readEnv({ HOME: "/h", LC_ALL: "() { :; }; echo pwned" }).childEnv(), { HOME: "/h" });
});

test("a child process keeps what programs need", () => {
  const kept = {
    PATH: "/bin",
    HOME: "/h",
    LANG: "C",
    LC_ALL: "C",
    TERM: "xterm",
    XDG_RUNTIME_DIR: "/run/1",
    TZ: "UTC",
  };
  assert.deepEqual(childVariables(kept, "linux"), kept);
});

test("on Windows names match in any case", () => {
  const kept = { Path: "C:\\", SystemRoot: "C:\\Windows" };
  assert.deepEqual(childVariables({ ...kept, Node_Options: "-r x" }, "win32"), kept);
});

test("each child environment is a copy", () => {
  const env = readEnv({ HOME: "/h", PATH: "/bin" });
  env.childEnv().PATH = "/evil";
  assert.equal(env.childEnv().PATH, "/bin");
});
