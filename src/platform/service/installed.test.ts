import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { readEnv } from "../env.ts";
import type { Host } from "../host.ts";
import { installedServices } from "./installed.ts";

function makeHome(files: Readonly<Record<string, string>>) {
  const temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-services-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(temp.path, name)), { recursive: true });
    writeFileSync(join(temp.path, name), text);
  }
  return { home: temp.path, env: readEnv({ HOME: temp.path }), [Symbol.dispose]: () => temp.remove() };
}

const host = (platform: NodeJS.Platform): Host => ({
  platform,
  text(path) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  },
  run: async () => undefined,
});

const UNITS = ".config/systemd/user";
const GATEWAY = "[Service]\nExecStart=/usr/bin/openclaw gateway run\nEnvironmentFile=-%h/gateway.env\n";

test("a unit of the account, with its additions and its file of variables", () => {
  using place = makeHome({
    [`${UNITS}/openclaw-gateway.service`]: GATEWAY,
    [`${UNITS}/openclaw-gateway.service.d/10-port.conf`]:
      "[Service]\nEnvironment=OPENCLAW_GATEWAY_PORT=1\nUnsetEnvironment=GONE\n",
    "gateway.env": "OPENCLAW_GATEWAY_PORT=2\nGONE=x\n",
  });
  const [found, ...rest] = installedServices({ host: host("linux"), env: place.env, deep: false }).filter(
    ({ level }) => level === "user",
  );
  assert.deepEqual(rest, []);
  assert.equal(found?.name, "openclaw-gateway.service");
  // A file of variables beats the lines of the unit.
  assert.deepEqual(found?.env, { HOME: place.home, OPENCLAW_GATEWAY_PORT: "2" });
});

test("a unit of another name is looked into only when asked to look deep; one that runs no gateway never counts", () => {
  using place = makeHome({
    [`${UNITS}/assistant.service`]: GATEWAY,
    [`${UNITS}/openclaw-backup.service`]: "[Service]\nExecStart=/usr/bin/tar c /srv\n",
  });
  const names = (deep: boolean) =>
    installedServices({ host: host("linux"), env: place.env, deep })
      .filter(({ level }) => level === "user")
      .map(({ name }) => name);
  assert.deepEqual(names(false), []);
  assert.deepEqual(names(true), ["assistant.service"]);
});

test("a job of launchd", () => {
  using place = makeHome({
    "Library/LaunchAgents/ai.openclaw.gateway.plist": `<plist><dict>
      <key>Label</key><string>ai.openclaw.gateway</string>
      <key>ProgramArguments</key><array><string>/opt/homebrew/bin/openclaw</string><string>gateway</string></array>
      <key>EnvironmentVariables</key><dict><key>OPENCLAW_GATEWAY_PORT</key><string>18800</string></dict>
    </dict></plist>`,
  });
  const [found] = installedServices({ host: host("darwin"), env: place.env, deep: false });
  assert.equal(found?.manager, "launchd");
  assert.deepEqual(found?.argv, ["/opt/homebrew/bin/openclaw", "gateway"]);
  assert.deepEqual(found?.env, { HOME: place.home, OPENCLAW_GATEWAY_PORT: "18800" });
});
