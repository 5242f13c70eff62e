import assert from "node:assert/strict";
import { test } from "node:test";
import { readEnv } from "../env.ts";
import { resolvePaths } from "../paths.ts";
import type { InstalledService } from "./installed.ts";
import { ownService, placeRefusal } from "./own-service.ts";
import { describedMachine } from "./service-machine.fixture.ts";

const HOME = "/home/ann";
const machineWith = (env: NodeJS.ProcessEnv = {}) => ({
  ...describedMachine({ platform: "linux", home: HOME }),
  env: readEnv({ HOME, OPENCLAW_IN_CONTAINER: "0", ...env }),
});

const PLACES = [
  { name: "the places of the account", env: {}, want: undefined },
  { name: "the same ones, said aloud", env: { OPENCLAW_STATE_DIR: "~/.openclaw" }, want: undefined },
  {
    name: "another home, as cron or sudo may have it",
    env: { HOME: "/root" },
    want: /home folder here is \/root/,
  },
  {
    name: "another state folder",
    env: { OPENCLAW_STATE_DIR: "/srv/x" },
    want: /state folder here is \/srv\/x/,
  },
  {
    name: "another config",
    env: { OPENCLAW_CONFIG_PATH: "/srv/x.json" },
    want: /config here is \/srv\/x\.json/,
  },
] as const;
for (const { name, env, want } of PLACES) {
  test(`services and ${name}`, () => {
    const machine = machineWith(env);
    const refusal = placeRefusal({ paths: resolvePaths(machine.env), machine });
    if (want) assert.match(refusal!, want);
    else assert.equal(refusal, undefined);
  });
}

test("a profile has a service of its own", () => {
  const machine = machineWith();
  const paths = resolvePaths(machine.env, { profile: "work" });
  assert.equal(placeRefusal({ paths, machine }), undefined);
});

const service = (level: "user" | "system", name: string, stateDir: string): InstalledService => ({
  ...{ manager: "systemd", level, name, file: `/x/${name}`, additions: [] },
  argv: ["/usr/bin/openclaw", "gateway", "run"],
  env: { HOME: "/root", OPENCLAW_STATE_DIR: stateDir },
});

test("which service is ours: by name in the account, by state folder in the machine", () => {
  const machine = machineWith();
  const paths = resolvePaths(machine.env);
  const find = (...services: InstalledService[]) => ownService(services, paths, machine)?.name;
  const ofMachine = service("system", "openclaw.service", paths.stateDir);
  assert.equal(find(ofMachine), "openclaw.service");
  assert.equal(find(service("system", "openclaw.service", "/root/.openclaw")), undefined);
  assert.equal(
    find(ofMachine, service("user", "openclaw-gateway.service", "/y")),
    "openclaw-gateway.service",
  );
  assert.equal(find(service("user", "openclaw-gateway-work.service", paths.stateDir)), undefined);
});
