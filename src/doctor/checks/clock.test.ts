import assert from "node:assert/strict";
import { test } from "node:test";
import { makeState } from "../../../test/kit/state.ts";
import { readEnv } from "../../platform/env.ts";
import { systemHost } from "../../platform/host.ts";
import { resolvePaths } from "../../platform/paths.ts";
import { openFacts } from "../facts.ts";
import clock from "./clock.ts";

/** The clock of a process cannot be moved from outside, so this one fact is handed in. */
async function lookAt(nowMs: number, version: string) {
  using state = makeState();
  const env = readEnv(state.env);
  const facts = openFacts(
    {
      paths: resolvePaths(env),
      env,
      version,
      nowMs,
      host: systemHost(env),
      deep: false,
      gateway: () => Promise.reject(new Error("nobody asks")),
    },
    new AbortController().signal,
  );
  return (await clock.inspect(facts)).map(({ evidence }) => evidence.join("; "));
}

const CASES = [
  {
    name: "a machine whose battery is empty",
    nowMs: Date.UTC(2000, 0, 1),
    version: "2026.11.1",
    found: true,
  },
  { name: "a month before the version", nowMs: Date.UTC(2026, 9, 1), version: "2026.11.1", found: true },
  {
    name: "the day of the version, west of Greenwich",
    nowMs: Date.UTC(2026, 9, 31, 18),
    version: "2026.11.1",
    found: false,
  },
  { name: "later", nowMs: Date.UTC(2027, 0, 1), version: "2026.11.1", found: false },
  { name: "a version that is no date", nowMs: Date.UTC(2000, 0, 1), version: "0.0.0-dev", found: false },
] as const;

for (const { name, nowMs, version, found } of CASES) {
  test(`clock: ${name}`, async () => {
    const lines = await lookAt(nowMs, version);
    assert.equal(lines.length > 0, found, lines.join());
    if (found) assert.match(lines[0]!, /version 2026\.11\.1 was not there before 2026-11-01/);
  });
}
