import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readEnv } from "../platform/env.ts";
import { resolvePaths } from "../platform/paths.ts";
import { configuredAgents, defaultAgentId } from "./agents.ts";
import type { Config } from "./schema.ts";

const paths = resolvePaths(readEnv({ HOME: "/home/ann" }));
const state = paths.stateDir;

const CASES: [string, Config["agents"], { id: string; isDefault: boolean; workspace: string }[]][] = [
  ["no agents at all", undefined, [{ id: "main", isDefault: true, workspace: join(state, "workspace") }]],
  [
    "the first agent is the default",
    { list: [{ id: "B" }, { id: "c" }] },
    [
      { id: "b", isDefault: true, workspace: join(state, "workspace") },
      { id: "c", isDefault: false, workspace: join(state, "workspace-c") },
    ],
  ],
  [
    "the flagged agent is the default",
    { entries: { b: {}, c: { default: true, workspace: "/c" } } },
    [
      { id: "b", isDefault: false, workspace: join(state, "workspace-b") },
      { id: "c", isDefault: true, workspace: "/c" },
    ],
  ],
  [
    "agents that share a folder get one each below it",
    { defaults: { workspace: "/w" }, list: [{ id: "a" }, { id: "b" }] },
    [
      { id: "a", isDefault: true, workspace: "/w" },
      { id: "b", isDefault: false, workspace: "/w/b" },
    ],
  ],
  [
    "both spellings are one agent",
    { list: [{ id: "a", workspace: "/old" }], entries: { A: { workspace: "/new" } } },
    [{ id: "a", isDefault: true, workspace: "/new" }],
  ],
];
for (const [name, agents, want] of CASES) {
  test(name, () => {
    const found = configuredAgents({ agents }, paths);
    assert.deepEqual(
      found.map(({ id, isDefault, workspace }) => ({ id, isDefault, workspace })),
      want,
    );
    assert.equal(defaultAgentId({ agents }), want.find(({ isDefault }) => isDefault)!.id);
  });
}

test("an agent's own model counts, else the one for all", () => {
  const agents: Config["agents"] = {
    defaults: { model: { primary: "a/x", fallbacks: ["b/y"] } },
    list: [
      { id: "one", name: "One" },
      { id: "two", model: "c/z" },
      { id: "three", model: { fallbacks: ["d/w"] } },
    ],
  };
  assert.deepEqual(
    configuredAgents({ agents }, paths).map(({ model, name }) => ({ model, name })),
    [
      { model: { primary: "a/x", fallbacks: ["b/y"] }, name: "One" },
      { model: { primary: "c/z", fallbacks: [] }, name: undefined },
      { model: { fallbacks: ["d/w"] }, name: undefined },
    ],
  );
  assert.equal(configuredAgents({}, paths)[0]!.model, undefined);
});
