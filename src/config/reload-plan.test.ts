import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { planReload, reloadKindOf } from "./reload-plan.ts";
import type { Config } from "./schema.ts";

const CASES: {
  name: string;
  before: unknown;
  after: unknown;
  hot?: string[];
  restart?: string[];
  ignored?: string[];
}[] = [
  { name: "nothing", before: { gateway: { port: 1 } }, after: { gateway: { port: 1 } } },
  {
    name: "the port",
    before: { gateway: { port: 1 } },
    after: { gateway: { port: 2, bind: "lan", extraPorts: [3], tls: { enabled: true } } },
    restart: ["gateway.port", "gateway.bind", "gateway.extraPorts", "gateway.tls.enabled"],
  },
  {
    name: "secrets and what is told to models",
    before: { gateway: { auth: { token: "a" } }, agents: { defaults: { model: "a/b" } } },
    after: {
      gateway: { auth: { token: "b" } },
      models: { providers: { x: {} } },
      logging: { level: "debug" },
    },
    hot: ["gateway.auth.token", "agents.defaults.model", "models.providers.x", "logging.level"],
  },
  {
    name: "stamps and what is not used",
    before: { meta: { lastTouchedAt: "a" }, $schema: "x" },
    after: { meta: { lastTouchedAt: "b" }, ui: { theme: "dark" }, gateway: { push: { x: 1 } } },
    ignored: ["meta.lastTouchedAt", "$schema", "ui.theme", "gateway.push.x"],
  },
  {
    name: "one entry of a list, and a list that grew",
    before: { agents: { list: [{ id: "a" }, { id: "b", model: "x" }] }, gateway: { trustedProxies: ["a"] } },
    after: {
      agents: { list: [{ id: "a" }, { id: "b", model: "y" }] },
      gateway: { trustedProxies: ["a", "b"] },
    },
    hot: ["agents.list[1].model", "gateway.trustedProxies"],
  },
  { name: "a section without settings", before: {}, after: { gateway: {}, agents: {} } },
  {
    name: "a list that came",
    before: {},
    after: { gateway: { trustedProxies: [] } },
    hot: ["gateway.trustedProxies"],
  },
  {
    name: "a name with a dot",
    before: {},
    after: { models: { providers: { "my.host": { api: "x" } } } },
    hot: ['models.providers["my.host"].api'],
  },
  {
    name: "a value that became an object",
    before: { agents: { defaults: { model: "x" } } },
    after: { agents: { defaults: { model: { primary: "x" } } } },
    hot: ["agents.defaults.model"],
  },
];
for (const { name, before, after, hot = [], restart = [], ignored = [] } of CASES) {
  test(`plan for ${name}`, () => {
    const plan = planReload(before as Config, after as Config);
    assert.deepEqual(
      { hot: plan.hot, restart: plan.restart, ignored: plan.ignored },
      { hot, restart, ignored },
    );
  });
}

const KINDS = [
  ["gateway.port", "restart"],
  ["gateway.tls.certPath", "restart"],
  ["gateway.auth.token", "hot"],
  ["gateway", "restart"],
  ["agents.list[0]", "hot"],
  ["channels.telegram.botToken", "hot"],
  ["meta.lastTouchedAt", "none"],
  ["wizard", "none"],
  ["gateway.remote.url", "none"],
] as const;
for (const [path, kind] of KINDS) {
  test(`a change at ${path}: ${kind}`, () => assert.equal(reloadKindOf(path), kind));
}

test("a plan covers every difference once, the same both ways, and none where there is none", () => {
  const leaf = fc.oneof(
    fc.integer(),
    fc.boolean(),
    fc.constantFrom("a", "b"),
    fc.array(fc.nat(3), { maxLength: 2 }),
  );
  const object = fc.dictionary(
    fc.constantFrom("gateway", "port", "agents", "ui", "meta", "a.b", "token"),
    fc.oneof(leaf, fc.dictionary(fc.constantFrom("port", "auth", "x"), leaf, { noNullPrototype: true })),
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(object, object, (before, after) => {
      const plan = planReload(before as Config, after as Config);
      assert.deepEqual([...plan.hot, ...plan.restart, ...plan.ignored].sort(), plan.changed.toSorted());
      assert.equal(new Set(plan.changed).size, plan.changed.length);
      assert.deepEqual(planReload(after as Config, before as Config).changed.sort(), plan.changed.toSorted());
      assert.deepEqual(planReload(before as Config, structuredClone(before) as Config).changed, []);
    }),
  );
});
