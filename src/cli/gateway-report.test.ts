import assert from "node:assert/strict";
import { test } from "node:test";
import { capabilityOf, capabilityText } from "./capability.ts";
import { type GatewayReport, gatewayReportLines } from "./gateway-report.ts";
import { paint } from "./io.ts";

const RUNNING: GatewayReport = {
  cli: { version: "2026.11.1", configPath: "/s/openclaw.json" },
  logFile: "/s/logs/gateway-2026-11-20.log",
  deep: false,
  service: { runtime: { status: "running", by: "foreground", pid: 42 } },
  config: { path: "/s/openclaw.json", valid: true, exists: true, mode: "local" },
  gateway: { url: "ws://127.0.0.1:18789", dashboard: "http://127.0.0.1:18789/" },
  port: { host: "127.0.0.1", port: 18789 },
  rpc: { required: false, ok: true, capability: "admin_capable", version: "2026.11.1" },
};

const linesOf = (changes: Partial<GatewayReport>) =>
  gatewayReportLines({ ...RUNNING, ...changes }, paint(false));

test("[service-runtime-running] [probe-ok] [probe-capability] a healthy foreground gateway", () => {
  assert.deepEqual(linesOf({}), {
    out: [
      "Runtime: running (foreground, pid 42)",
      "Connectivity probe: ok",
      "Capability: admin-capable",
      "Listening: 127.0.0.1:18789",
      "Dashboard: http://127.0.0.1:18789/",
      "Config (cli): /s/openclaw.json",
      "Config (service): no service is installed",
      "Log file: /s/logs/gateway-2026-11-20.log",
    ],
    notes: [],
  });
});

test("[service-runtime-stopped] [probe-failed] [conn-econnrefused] a stopped gateway", () => {
  const problem = { kind: "refused", what: "x", why: "y", fix: "openclaw start" };
  const { out, notes } = linesOf({
    service: { runtime: { status: "stopped", by: "" } },
    rpc: { required: false, ok: false, capability: "unknown", problem },
  });
  assert.deepEqual(out.slice(0, 6), [
    "Runtime: stopped",
    "Connectivity probe: failed",
    "  Target: ws://127.0.0.1:18789",
    "  connect ECONNREFUSED 127.0.0.1:18789",
    "Capability: unknown",
    "Listening: nothing on 127.0.0.1:18789",
  ]);
  assert.deepEqual(notes, ["fix: openclaw start"]);
});

test("a foreign program on the port is named", () => {
  const problem = { kind: "no-gateway", what: "gateway connect failed: HTTP 404 instead of a WebSocket" };
  const { out } = linesOf({
    service: { runtime: { status: "stopped", by: "" } },
    port: { host: "127.0.0.1", port: 18789, holder: { pid: 7, command: "python3 -m http.server" } },
    rpc: { required: false, ok: false, capability: "unknown", problem },
  });
  assert.ok(out.includes("Runtime: stopped"));
  assert.ok(out.includes("Listening: another program on 127.0.0.1:18789 (pid 7: python3 -m http.server)"));
});

test("a gateway that refuses us runs all the same", () => {
  const problem = { kind: "credentials", what: "gateway connect failed: unauthorized", why: "wrong token" };
  const { out } = linesOf({ rpc: { required: true, ok: false, capability: "unknown", problem } });
  assert.ok(out.includes("  gateway connect failed: unauthorized"));
  assert.ok(out.includes("Listening: 127.0.0.1:18789"));
});

test("[start-mode-is-unset] a config without gateway.mode is pointed out", () => {
  const { notes } = linesOf({ config: { path: "/s/openclaw.json", valid: true, exists: true } });
  assert.match(notes.join("\n"), /gateway\.mode is unset — gateway start will be blocked/);
});

test("a proven read is reported, and another version", () => {
  const { out, notes } = linesOf({
    rpc: { required: true, ok: true, capability: "read_only", version: "2026.9.6", read: { ok: true } },
  });
  assert.ok(out.includes("Read probe: ok"));
  assert.deepEqual(notes, ["notice: the gateway is version 2026.9.6, this command 2026.11.1"]);
});

test("a broken config is shown in full and nothing is guessed", () => {
  const problem = { what: "Invalid config at /s/openclaw.json:3:5", fix: "openclaw config validate" };
  const { out, notes } = linesOf({
    config: { path: "/s/openclaw.json", valid: false, problem },
    gateway: undefined,
    port: undefined,
    rpc: { required: false },
  });
  assert.ok(out.includes("Connectivity probe: skipped"));
  assert.ok(out.includes("Config (cli): /s/openclaw.json (broken)"));
  assert.deepEqual(notes, ["Invalid config at /s/openclaw.json:3:5", "  fix: openclaw config validate"]);
});

test("capability follows from the granted scopes, with hyphens for people", () => {
  const shown = (...scopes: string[]) => capabilityText(capabilityOf(scopes));
  assert.equal(shown("operator.admin"), "admin-capable");
  assert.equal(shown("operator.write"), "write-capable");
  assert.equal(shown("operator.read"), "read-only");
  assert.equal(shown(), "connected-no-operator-scope");
});
