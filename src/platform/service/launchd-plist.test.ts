import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLaunchdPlist } from "./launchd-plist.ts";

const PLIST = `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
  <key>Label</key><string>ai.openclaw.gateway</string>
  <key>RunAtLoad</key><true/>
  <key>ProgramArguments</key>
  <array>
    <string>/opt/homebrew/bin/node</string>
    <string>/opt/a &amp; b/openclaw.cjs</string>
    <string>gateway</string>
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>OPENCLAW_GATEWAY_PORT</key><string>18789</string>
    <key>PATH</key><string>/usr/bin:/bin</string>
  </dict>
</dict></plist>`;

test("label, program and environment of a launchd job", () => {
  assert.deepEqual(parseLaunchdPlist(PLIST), {
    label: "ai.openclaw.gateway",
    argv: ["/opt/homebrew/bin/node", "/opt/a & b/openclaw.cjs", "gateway"],
    env: { OPENCLAW_GATEWAY_PORT: "18789", PATH: "/usr/bin:/bin" },
  });
});

test("a job with a program alone, and a file that is no property list", () => {
  const text = "<dict><key>Label</key><string>x</string><key>Program</key><string>/bin/x</string></dict>";
  assert.deepEqual(parseLaunchdPlist(text), { label: "x", argv: ["/bin/x"], env: {} });
  assert.equal(parseLaunchdPlist("bplist00\u0000"), undefined);
});
