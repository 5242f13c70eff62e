import assert from "node:assert/strict";
import { test } from "node:test";
import { FACETS, type Facets } from "./gateway-probe-facet.ts";
import { paint } from "./io.ts";
import { statusLines } from "./status-lines.ts";
import type { StatusReport } from "./status-payload.ts";

const facets = Object.fromEntries(
  FACETS.map((name) => [name, { verdict: "yes", evidence: `of ${name}`, ageMs: 0 }]),
) as Facets;

const PLACE = {
  facets,
  capability: "read_only",
  durationMs: 3,
  url: "ws://127.0.0.1:18789",
  local: true,
  port: 18789,
  configPath: "/s/openclaw.json",
  logsDir: "/s/logs",
} as const;
const lines = (status: StatusReport, far = false) => statusLines(status, paint(false), far);

test("[status-connected-layout] four lines first, then what it does", () => {
  const running = {
    runtimeVersion: "2026.11.1",
    model: { provider: "openai", model: "gpt-5", source: "environment", detail: "OPENAI_API_KEY" },
    sessions: { count: 3, recent: [{ key: "agent:main:main", age: 125_000 }] },
    openTurns: 1,
  };
  const uptimeMs = ((3 * 24 + 14) * 60 + 22) * 60_000;
  const status = { ...PLACE, connected: true, state: "running", version: "2026.11.1", uptimeMs } as const;
  assert.deepEqual(lines({ ...status, devices: { paired: 2 }, running }), [
    "Gateway:    connected (v2026.11.1)",
    "Uptime:     3d 14h 22m",
    "Port:       18789",
    "Devices:    2 paired",
    "Model:      openai/gpt-5 (OPENAI_API_KEY)",
    "Sessions:   3, last active 2m ago",
    "Working:    on 1 message",
    "Config:     /s/openclaw.json",
    "Logs:       /s/logs",
  ]);
});

test("[status-not-connected] [service-gateway-stopped-status] both spellings of a stopped gateway", () => {
  const problem = { what: "openclaw connection error: gateway unreachable" };
  const shown = lines({ ...PLACE, connected: false, state: "stopped", problem });
  assert.deepEqual(shown.slice(0, 3), ["Gateway:    not connected", "gateway: stopped", "Port:       18789"]);
});

test("a gateway elsewhere is shown with its address", () => {
  const problem = { what: "x" };
  const elsewhere = { ...PLACE, local: false, url: "wss://gw.example.net" };
  assert.ok(
    lines({ ...elsewhere, connected: false, state: "unreachable", problem }).includes(
      "Address:    wss://gw.example.net",
    ),
  );
});

test("--deep shows every facet with its evidence, and how old that is where it is old", () => {
  const old = { ...facets, channels: { verdict: "no", evidence: "it has none", ageMs: 125_000 } } as const;
  const problem = { what: "x" };
  const shown = lines({ ...PLACE, facets: old, connected: false, state: "stopped", problem }, true);
  assert.ok(shown.includes("  port            yes      of port"), shown.join("\n"));
  assert.ok(shown.includes("  channels        no       it has none (2m ago)"));
  assert.equal(shown.filter((line) => /^ {2}\S.* {2}(yes|no|unknown) /.test(line)).length, FACETS.length);
});

test("a gateway that answers no question is connected, and its devices are not made up", () => {
  const shown = lines({
    ...PLACE,
    connected: true,
    state: "running",
    version: "1",
    uptimeMs: 1_000,
    running: {},
  });
  assert.deepEqual(shown.slice(0, 4), [
    "Gateway:    connected (v1)",
    "Uptime:     1s",
    "Port:       18789",
    "Devices:    not told",
  ]);
});
