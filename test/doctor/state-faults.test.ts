import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runDoctor } from "../kit/doctor.ts";
import { type FaultRow, giveAway, type Scene, serveOnce, testFault } from "../kit/doctor-fault.ts";
import { imageOf } from "../kit/folder-image.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { QUIET, writeShims } from "../kit/shims.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";

/** Above the highest id the kernel gives out. */
const DEAD_PID = 4_194_305;
const STRANGER = 12_345;
const IS_ROOT = process.getuid?.() === 0;

const inState = ({ state }: Scene, path: string) => join(state.dir, path);

function write(path: string, text: string, mode = 0o600): void {
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
}

const OWNERS: FaultRow[] = [
  {
    id: "state-owner",
    name: "[config-permission-denied] root's folders are in the state folder of an account",
    as: "nobody",
    served: true,
    inject: (scene) => chownSync(inState(scene, "data/config-history"), 0, 0),
    blocking: true,
    says: /config-history belongs to uid 0 with mode 0700/,
    fix: /^sudo chown -R \$\(whoami\) /,
  },
  {
    id: "state-owner",
    name: "a folder its owner may not write",
    as: "nobody",
    served: true,
    inject: (scene) => chmodSync(inState(scene, "data/config-history"), 0o500),
    blocking: true,
    says: /may not be used by its owner, uid 65534: it has mode 0500/,
    repair: "safe",
  },
];

if (IS_ROOT) {
  OWNERS.push({
    id: "state-owner",
    name: "some files were given to another account",
    served: true,
    inject(scene) {
      for (const path of ["openclaw.json", "data/gateway.lock", "data/sessions.sqlite"])
        chownSync(inState(scene, path), STRANGER, STRANGER);
    },
    blocking: false,
    says: new RegExp(`belongs to uid ${STRANGER}`),
    repair: "safe",
  });
}

const MODES: FaultRow[] = [
  {
    id: "state-permissions",
    name: "folders and the conversation are open to everybody",
    served: true,
    inject(scene) {
      chmodSync(inState(scene, ""), 0o755);
      chmodSync(inState(scene, "data"), 0o775);
      chmodSync(inState(scene, "data/sessions.sqlite"), 0o644);
    },
    blocking: false,
    says: /sessions\.sqlite has mode 0644, 0600 is enough/,
    repair: "safe",
  },
  {
    id: "secrets-readable",
    name: "the config is readable by all, and nothing is in the way",
    inject(scene) {
      chmodSync(scene.home, 0o755);
      chmodSync(inState(scene, ""), 0o755);
      chmodSync(inState(scene, "openclaw.json"), 0o644);
    },
    blocking: true,
    says: /openclaw\.json has mode 0644/,
    repair: "safe",
  },
  {
    id: "secrets-readable",
    name: "the saved token, an older config and a copy of it are open inside a closed folder",
    served: true,
    inject(scene) {
      write(inState(scene, "data/gateway.token"), "a".repeat(64), 0o640);
      write(inState(scene, "openclaw.json.bak.2026-11-20T10-00-00-000Z"), `{ token: "${TOKEN}" }`, 0o644);
      chmodSync(inState(scene, "openclaw.json.last-good"), 0o644);
    },
    blocking: false,
    says: /gateway\.token has mode 0640.*bak\.2026.*last-good/,
    repair: "safe",
  },
];

const LEFT_BEHIND: FaultRow[] = [
  {
    id: "stale-pid-file",
    name: "[lock-stale-pid-file] gateway.pid names a process that is gone",
    served: true,
    inject: (scene) => write(inState(scene, "gateway.pid"), `${DEAD_PID}\n`),
    blocking: false,
    says: new RegExp(`process ${DEAD_PID} is gone`),
    fix: /^rm /,
    repair: "safe",
  },
  {
    id: "stale-pid-file",
    name: "gateway.pid names a process that is something else by now",
    served: true,
    inject(scene) {
      const other = spawn("sleep", ["60"], { stdio: "ignore" });
      write(inState(scene, "gateway.pid"), `${other.pid}\n`);
      return { [Symbol.dispose]: () => void other.kill() };
    },
    blocking: false,
    says: /is another program \(sleep 60\)/,
    repair: "safe",
  },
  {
    id: "stale-drafts",
    name: "a killed writer left half a config behind, and another one half a version",
    served: true,
    inject(scene) {
      write(
        inState(scene, `openclaw.json.${DEAD_PID}-abc.draft`),
        `{ "gateway": { "auth": { "token": "${TOKEN}`,
      );
      write(inState(scene, `data/config-history/000001.json.${DEAD_PID}-x1.draft`), "{");
    },
    blocking: false,
    says: /openclaw\.json\.4194305-abc\.draft: \d+ bytes/,
    repair: "safe",
  },
];

const GATEWAYS: FaultRow[] = [
  {
    id: "second-gateway",
    name: "somebody removed the lock file while a gateway ran, and started another one",
    async inject({ state }) {
      const first = await spawnGateway(state);
      rmSync(join(state.dir, "data/gateway.lock"));
      const second = await spawnGateway(state, ["--port", String(await freePort())]);
      return {
        async [Symbol.asyncDispose]() {
          await second[Symbol.asyncDispose]();
          await first[Symbol.asyncDispose]();
        },
      };
    },
    running: true,
    blocking: true,
    says: /runs on .* and does not hold its lock/,
    fix: /^kill \d+$/,
  },
  {
    id: "second-gateway",
    name: "another implementation runs on the same folder",
    inject({ state, home }) {
      const script = join(home, "lib/openclaw/dist/index.js");
      mkdirSync(join(script, ".."), { recursive: true });
      writeFileSync(script, "setInterval(() => {}, 1000)");
      const other = spawn(process.execPath, [script, "gateway", "--token", TOKEN], {
        env: { HOME: home, PATH: state.env.PATH },
        stdio: "ignore",
      });
      return { [Symbol.dispose]: () => void other.kill() };
    },
    blocking: true,
    says: /dist\/index\.js gateway --token \*\*\*/,
    fix: /^kill \d+$/,
  },
];

const WORKSPACES: FaultRow[] = [
  {
    id: "workspace-unusable",
    name: "a file is where the workspace has to be",
    inject: (scene) => write(inState(scene, "workspace"), "x"),
    blocking: true,
    says: /workspace of agent \\"main\\"/,
    fix: /^mv /,
  },
  {
    id: "workspace-unusable",
    name: "the workspace belongs to somebody else",
    as: "nobody",
    served: true,
    inject: (scene) => chownSync(inState(scene, "workspace"), 0, 0),
    blocking: true,
    says: /cannot be written \(EACCES\)/,
    fix: /^sudo chown -R/,
  },
  {
    id: "workspace-unusable",
    name: "the workspace is to be made in a folder of somebody else",
    as: "nobody",
    config: { agents: { defaults: { workspace: "/root/openclaw-workspace" } } },
    blocking: true,
    says: /cannot be written \(EACCES\)/,
  },
  {
    id: "workspace-shared",
    name: "two agents work in one folder",
    config: {
      agents: {
        entries: { main: { workspace: "/tmp/openclaw-shared" }, ops: { workspace: "/tmp/openclaw-shared/" } },
      },
    },
    blocking: false,
    says: /\\"main\\" and \\"ops\\"/,
    fix: /^openclaw config set agents\.entries\.ops\.workspace /,
  },
];

const LOGS: FaultRow[] = [
  {
    id: "log-unwritable",
    name: "a file is where the logs have to be",
    inject: (scene) => write(inState(scene, "logs"), "x"),
    blocking: true,
    says: /logs is not a folder/,
    fix: /^mv /,
  },
  {
    id: "log-unwritable",
    name: "the logs belong to somebody else",
    as: "nobody",
    served: true,
    inject: (scene) => giveAway(inState(scene, "logs"), 0),
    blocking: false,
    says: /logs cannot be written \(EACCES\): it belongs to uid 0/,
    fix: /^sudo chown -R/,
  },
];

for (const row of [...OWNERS, ...MODES, ...LEFT_BEHIND, ...GATEWAYS, ...WORKSPACES, ...LOGS]) testFault(row);

test("a healthy state folder: nothing is found, with and without a gateway, also when looking deep", async () => {
  using state = makeState(localConfig(await freePort()));
  const shims = writeShims(join(state.dir, "../shims"), QUIET);
  Object.assign(state.env, { PATH: `${shims}:${state.env.PATH}` });
  // What the machine of the test has to spare, and whether a gateway runs at all, is not what is asked here.
  const OF_THE_MACHINE = "memory,disk,split-install,gateway-state,guide-port,model";
  const look = async () => (await runDoctor(state, ["--all", "--skip", OF_THE_MACHINE])).findings;
  assert.deepEqual(await look(), []);
  await serveOnce(state);
  // Locks are the kernel's; what is in their files means nothing.
  write(join(state.dir, "data/gateway.lock"), "cut sho");
  write(join(state.dir, "openclaw.json.lock"), "");
  assert.deepEqual(await look(), []);
  await using _gateway = await spawnGateway(state);
  assert.deepEqual(await look(), []);
});

test("what another implementation has in the folder is not judged, and a symlink is not followed", async () => {
  using state = makeState(localConfig(18_799));
  const scene = { state, home: join(state.dir, "..") };
  mkdirSync(join(state.dir, "state"), { mode: 0o755 });
  write(join(state.dir, "state/openclaw.sqlite"), "foreign", 0o644);
  write(join(state.dir, "openclaw.json.bak.1"), "foreign", 0o644);
  write(join(state.dir, "notes.1-abc.draft"), "foreign", 0o644);
  write(join(scene.home, "outside"), "not ours", 0o644);
  mkdirSync(join(state.dir, "data"), { mode: 0o700 });
  symlinkSync(join(scene.home, "outside"), join(state.dir, "data/link"));
  const before = imageOf(state.dir);
  const report = await runDoctor(state, ["--fix", "--only", "permissions,stale-files"]);
  assert.deepEqual(report.findings, []);
  assert.deepEqual(imageOf(state.dir), before);
});
