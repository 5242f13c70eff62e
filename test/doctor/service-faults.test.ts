import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/tree.ts";
import type { DoctorReport } from "../../src/cli/doctor-report.ts";
import { runDoctor } from "../kit/doctor.ts";
import { type FaultRow, type Scene, sceneFolder, testFault } from "../kit/doctor-fault.ts";
import { LAUNCHER } from "../kit/process.ts";
import { QUIET, writeShims } from "../kit/shims.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";

const OLD_NODE = 'echo "v18.19.0"';

interface UnitInput {
  name?: string;
  exec?: string;
  lines?: readonly string[];
}

function unit({ exec = `${process.execPath} ${LAUNCHER} gateway run`, lines = [] }: UnitInput): string {
  return ["[Unit]", "Description=OpenClaw Gateway", "[Service]", `ExecStart=${exec}`, ...lines, ""].join(
    "\n",
  );
}

/** A unit of the account. */
function userUnit(input: UnitInput) {
  return ({ home }: Pick<Scene, "home">) => {
    const folder = join(home, ".config/systemd/user");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, input.name ?? "openclaw-gateway.service"), unit(input));
  };
}

/** Units of the machine, in the place of those it has. */
function systemUnits(units: Readonly<Record<string, UnitInput>>) {
  return (scene: Scene) => {
    const folder = sceneFolder(scene, "system-units");
    const place = `Environment=OPENCLAW_STATE_DIR=${scene.state.dir}`;
    for (const [name, { lines = [], ...input }] of Object.entries(units))
      writeFileSync(join(folder, name), unit({ ...input, lines: [place, ...lines] }));
    return [{ kind: "bind", from: folder, to: "/etc/systemd/system" } as const];
  };
}

const ROWS: FaultRow[] = [
  {
    id: "service-port-drift",
    name: "[service-port-mismatch] the unit names another port",
    inject: userUnit({ exec: `${process.execPath} ${LAUNCHER} gateway run --port 19555` }),
    blocking: true,
    says: /Gateway service port does not match current gateway config/,
    fix: /^openclaw config set gateway\.port 19555$/,
  },
  {
    id: "service-port-drift",
    name: "an addition to the unit sets another port in the environment",
    inject(scene) {
      userUnit({})(scene);
      const folder = join(scene.home, ".config/systemd/user/openclaw-gateway.service.d");
      mkdirSync(folder);
      writeFileSync(join(folder, "override.conf"), "[Service]\nEnvironment=OPENCLAW_GATEWAY_PORT=19556\n");
    },
    blocking: true,
    says: /listens on 19556/,
  },
  {
    id: "service-config-drift",
    name: "[service-config-mismatch] the unit uses another config",
    inject: userUnit({ lines: ["Environment=OPENCLAW_CONFIG_PATH=/srv/openclaw.json"] }),
    blocking: true,
    says: /Config \(cli\):.*[\s\S]*Config \(service\): \/srv\/openclaw\.json/,
    fix: /^systemctl --user edit openclaw-gateway\.service$/,
  },
  {
    id: "service-config-drift",
    name: "the unit uses the state folder of another profile",
    inject: userUnit({ exec: `${process.execPath} ${LAUNCHER} --profile work gateway run` }),
    blocking: true,
    says: /State \(service\): .*\.openclaw-work/,
  },
  {
    id: "service-node-missing",
    name: "the program of the unit is gone",
    inject: userUnit({ exec: `/opt/node-22/bin/node ${LAUNCHER} gateway run` }),
    blocking: true,
    says: /\/opt\/node-22\/bin\/node is not there/,
    fix: /^systemctl --user edit /,
  },
  {
    id: "service-node-missing",
    name: "the launcher of the unit is gone",
    inject: userUnit({ exec: `${process.execPath} /opt/openclaw/openclaw.cjs gateway run` }),
    blocking: true,
    says: /\/opt\/openclaw\/openclaw\.cjs is not there/,
  },
  {
    id: "service-node-missing",
    name: "the Node of the unit is too old",
    inject(scene) {
      const folder = writeShims(join(scene.home, "old"), { node: OLD_NODE });
      userUnit({ exec: `${folder}/node ${LAUNCHER} gateway run` })(scene);
    },
    blocking: false,
    says: /is Node v18\.19\.0; Node 24 or newer is needed/,
  },
  {
    id: "service-token-drift",
    name: "the unit pins another token",
    inject: userUnit({ lines: ['Environment="OPENCLAW_GATEWAY_TOKEN=SEC-old-token-7d1f"'] }),
    blocking: true,
    says: /pins an OPENCLAW_GATEWAY_TOKEN that is not the token commands use/,
    fix: /^systemctl --user edit /,
  },
  {
    id: "service-proxy-env",
    name: "the unit carries a proxy along",
    inject: userUnit({
      lines: ["Environment=HTTP_PROXY=http://10.0.0.1:3128 https_proxy=http://10.0.0.1:3128"],
    }),
    blocking: false,
    says: /sets HTTP_PROXY, https_proxy/,
  },
  {
    id: "service-system-level",
    name: "[service-system-level] the unit of the machine alone",
    view: systemUnits({ "openclaw.service": { lines: ["User=root"] } }),
    blocking: false,
    says: /System-level OpenClaw gateway service detected while the user gateway service is not installed/,
    fix: /^systemctl status openclaw\.service$/,
  },
  {
    id: "service-system-level",
    name: "units of the machine and of the account at once",
    view: systemUnits({ "openclaw-gateway.service": { lines: ["User=root"] } }),
    inject: userUnit({}),
    blocking: false,
    says: /System-level OpenClaw gateway service detected/,
    fix: /^sudo systemctl disable --now openclaw-gateway\.service$/,
  },
  {
    id: "other-gateways",
    name: "[service-other-gateways] a unit of another name runs a gateway on the same folder",
    args: ["--deep"],
    view: systemUnits({
      "assistant.service": { exec: "/usr/bin/openclaw gateway", lines: ["Environment=PORT=1"] },
      "unrelated.service": { exec: "/usr/bin/nginx -g daemon" },
    }),
    inject: userUnit({}),
    blocking: false,
    says: /Other gateway-like services detected \(best effort\).*assistant\.service/,
    fix: /disable --now assistant\.service$/,
  },
  {
    id: "service-version-drift",
    name: "the unit was written by an older version",
    inject: userUnit({ lines: ["Environment=OPENCLAW_SERVICE_VERSION=2025.1.1"] }),
    blocking: false,
    says: /was written by version 2025\.1\.1, this is 20\d\d/,
  },
  {
    id: "service-no-linger",
    name: "the account does not linger, and has no desktop",
    inject(scene) {
      userUnit({})(scene);
      writeShims(scene.shims, { loginctl: "printf 'Linger=no\\nDisplay=\\n'" });
    },
    blocking: false,
    says: /does not linger/,
    fix: /^sudo loginctl enable-linger \S+$/,
  },
  {
    id: "split-install",
    name: "two versions are on PATH",
    inject({ shims, home, state }) {
      const folder = writeShims(join(home, "lib/node_modules/openclaw"), { openclaw: "exit 1" });
      const manifest = { name: "openclaw", version: "2026.9.6" };
      writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
      writeShims(shims, { openclaw: 'echo "OpenClaw 2026.8.1 (abc)"' });
      state.env.PATH = `${state.env.PATH}:${folder}`;
    },
    blocking: false,
    says: /2026\.8\.1, the one a shell takes.*2026\.9\.6/,
    fix: /^rm /,
  },
];

for (const row of ROWS) testFault(row);

test("a token of a unit is compared and never shown", async () => {
  using state = makeState(localConfig(18_799));
  const scene = { state, home: join(state.dir, "..") };
  userUnit({ lines: ["Environment=OPENCLAW_GATEWAY_TOKEN=SEC-old-token-7d1f"] })(scene);
  const report = await runDoctor(state, ["--deep"]);
  const text = JSON.stringify(report);
  assert.match(text, /service-token-drift/);
  assert.doesNotMatch(text, /SEC-old-token-7d1f/);
  assert.ok(!text.includes(TOKEN));
});

test("OPENCLAW_SERVICE_REPAIR_POLICY=external leaves the supervisor to others; a port is still a matter of the config", async () => {
  using state = makeState(localConfig(18_799));
  const scene = { state, home: join(state.dir, "..") };
  userUnit({
    exec: "/gone/node /gone/openclaw.cjs gateway --port 19555",
    lines: ["Environment=OPENCLAW_GATEWAY_TOKEN=SEC-old-token-7d1f HTTP_PROXY=http://10.0.0.1"],
  })(scene);
  Object.assign(state.env, { OPENCLAW_SERVICE_REPAIR_POLICY: "external" });
  const report = await runDoctor(state, ["--only", "service-unit"]);
  assert.deepEqual(
    report.findings.map(({ id }) => id),
    ["service-port-drift"],
  );
});

test("a unit that fits is no finding", async () => {
  using state = makeState(localConfig(18_799));
  const scene = { state, home: join(state.dir, "..") };
  userUnit({ lines: [`Environment=OPENCLAW_GATEWAY_TOKEN=${TOKEN} OPENCLAW_STATE_DIR=%h/.openclaw`] })(scene);
  const report = await runDoctor(state, ["--only", "service-unit"]);
  assert.deepEqual(report.findings, []);
});

test("node-too-old: PATH begins with an old Node and the launcher has none of its own", async () => {
  using state = makeState(localConfig(18_799));
  const home = join(state.dir, "..");
  const program = join(home, "opt/openclaw");
  cpSync(join(ROOT, "dist"), program, { recursive: true });
  const shims = writeShims(join(home, "shims"), { ...QUIET, node: OLD_NODE });
  Object.assign(state.env, { PATH: `${shims}:/usr/bin:/bin` });
  const words = [join(program, "openclaw.cjs"), "doctor", "--json"];
  const { status, stdout } = spawnSync(process.execPath, words, { env: state.env, encoding: "utf8" });
  const { findings } = JSON.parse(stdout) as DoctorReport;
  const found = findings.find(({ id }) => id === "node-too-old");
  assert.ok(found, stdout);
  assert.equal(status, 0);
  assert.match(found.evidence.join("\n"), /shims\/node is Node v18\.19\.0/);
  assert.equal(found.fix, `export OPENCLAW_NODE=${process.execPath}`);
});
