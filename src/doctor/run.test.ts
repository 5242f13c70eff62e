import assert from "node:assert/strict";
import { test } from "node:test";
import { readEnv } from "../platform/env.ts";
import { resolvePaths } from "../platform/paths.ts";
import type { Check } from "./check.ts";
import { type Facts, openFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import type { GatewayView } from "./gateway-view.ts";
import { isAtLeast, runChecks } from "./run.ts";

const DOWN: GatewayView = { holder: undefined, host: "127.0.0.1", port: 1, local: true, reach: "down" };

function factsOf(view: GatewayView = DOWN): Facts {
  const env = readEnv({ HOME: "/nowhere", OPENCLAW_STATE_DIR: "/nowhere/state" });
  return openFacts(
    {
      paths: resolvePaths(env),
      env,
      version: "2026.1.1",
      nowMs: 0,
      host: { platform: "linux", text: () => undefined, run: async () => undefined },
      deep: false,
      gateway: async () => view,
    },
    AbortSignal.timeout(30_000),
  );
}

const check = (id: string, inspect: Check["inspect"], rest: Partial<Check> = {}): Check => ({
  id,
  summary: id,
  where: "anywhere",
  inspect,
  ...rest,
});
const seen = (id: string) => () => [{ id, evidence: ["seen"] }];

test("findings are completed from the catalogue, worst first", async () => {
  const checks = [
    check("a", seen("legacy-keys")),
    check("b", () => [{ id: "config-missing", evidence: ["x"], title: "my own words" }]),
  ];
  const { findings, checked } = await runChecks(checks, factsOf());
  assert.deepEqual(
    findings.map(({ id, severity, check }) => [id, severity, check]),
    [
      ["config-missing", "error", "b"],
      ["legacy-keys", "warning", "a"],
    ],
  );
  assert.equal(findings[0]!.title, "my own words");
  assert.match(findings[1]!.fix, /openclaw/);
  assert.deepEqual(checked, ["a", "b"]);
});

test("a check that throws, or never ends, is a finding of its own and stops nobody else", async () => {
  const checks = [
    check("throws", () => {
      throw new Error("boom");
    }),
    check("hangs", ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", reject))),
    check("forgets its signal", () => new Promise<never>(() => {})),
    check("unknown to the catalogue", seen("no-such-failure")),
    check("fine", seen("legacy-keys")),
  ];
  const { findings, checked } = await runChecks(checks, factsOf());
  assert.deepEqual(checked, ["fine"]);
  const failed = findings.filter(({ id }) => id === "check-failed").map(({ evidence }) => evidence[0]);
  assert.equal(failed.length, 4);
  assert.ok(failed.some((line) => line!.includes("boom")));
  assert.equal(failed.filter((line) => line!.includes("no answer after 2 s")).length, 2);
});

test("what only the gateway knows is asked of the one that runs", async () => {
  const finding = {
    id: "proxy-untrusted",
    check: "proxy",
    severity: "warning",
    evidence: ["theirs"],
  } as unknown as Finding;
  const checks = [check("proxy", () => assert.fail("must not run here"), { where: "inside" })];
  const outside = await runChecks(checks, factsOf({ ...DOWN, reach: "connected", findings: [finding] }));
  assert.deepEqual(outside.findings[0]!.evidence, ["theirs"]);
  assert.deepEqual((await runChecks(checks, factsOf())).findings, []);
  const inside = [check("proxy", seen("proxy-untrusted"), { where: "inside" })];
  assert.equal((await runChecks(inside, factsOf({ ...DOWN, reach: "inside" }))).findings.length, 1);
});

test("only, skip and deep choose", async () => {
  const checks = [check("a", seen("legacy-keys")), check("b", seen("legacy-keys"), { deep: true })];
  const idsWith = async (selection: Parameters<typeof runChecks>[2]) =>
    (await runChecks(checks, factsOf(), selection)).findings.map((finding) => finding.check);
  assert.deepEqual(await idsWith({}), ["a"]);
  assert.deepEqual(await idsWith({ deep: true }), ["a", "b"]);
  assert.deepEqual(await idsWith({ only: ["b"] }), ["b"]);
  assert.deepEqual(await idsWith({ deep: true, skip: ["a"] }), ["b"]);
});

test("severities compare", () => {
  assert.deepEqual(
    (["info", "warning", "error"] as const).map((severity) => isAtLeast(severity, "warning")),
    [false, true, true],
  );
});

test("every fact is found out once", async () => {
  let asked = 0;
  const facts = openFacts(
    {
      ...factsOf(),
      gateway: async () => {
        asked++;
        return DOWN;
      },
    },
    AbortSignal.timeout(1_000),
  );
  await Promise.all([facts.gateway(), facts.gateway(), facts.config(), facts.config()]);
  assert.equal(asked, 1);
  assert.equal(facts.configText(), facts.configText());
});
