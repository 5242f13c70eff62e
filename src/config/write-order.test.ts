import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { tempConfig } from "./state.fixture.ts";
import { type FileChange, placingOrder, safeOrder } from "./write-order.ts";

const change = (target: string): FileChange => ({ target, before: "old", text: "new" });
const FILES = ["a", "b", "main"].map(change);
const names = (changes: readonly FileChange[]) => changes.map(({ target }) => target).join(" ");

const ORDERS: { name: string; bad: string[]; want: string }[] = [
  { name: "included files first, the main file last", bad: [], want: "a b main" },
  { name: "the main file first where the included ones need it", bad: ["a", "b"], want: "main a b" },
  { name: "the main file in between", bad: ["a", "main", "b a"], want: "b main a" },
  { name: "the first one where no order is good", bad: ["a", "b", "main"], want: "a b main" },
];
for (const { name, bad, want } of ORDERS) {
  test(`files are put in place in an order in which every state loads: ${name}`, async () => {
    const order = await safeOrder(FILES, async (placed) => !bad.includes(names(placed)));
    assert.equal(names(order), want);
  });
}

test("one file needs no order, and many are not tried", async () => {
  const asked = () => assert.fail("nothing to ask");
  assert.deepEqual(await safeOrder(FILES.slice(0, 1), asked), FILES.slice(0, 1));
  const many = Array.from({ length: 7 }, (_, i) => change(String(i)));
  assert.deepEqual(await safeOrder(many, asked), many);
});

const MAIN = "{ gateway: { $include: './g.json', mode: 'local' }, env: { vars: {} } }";
const TOKEN = '{ "auth": { "mode": "token", "token": "${NEW_TOKEN}" } }';
const VARIABLE = MAIN.replace("vars: {}", "vars: { NEW_TOKEN: 'SEC-new-3f9a1c77d2' }");

const PLACINGS = [
  {
    name: "the main file is last",
    main: MAIN.replace("vars", "VARS"),
    included: "{}",
    want: ["g.json", "openclaw.json"],
  },
  {
    name: "not where the included file would not load without it",
    main: VARIABLE,
    included: TOKEN,
    want: ["openclaw.json", "g.json"],
  },
];
for (const { name, main, included, want } of PLACINGS) {
  test(`of a write that changes two files ${name}`, async () => {
    using state = tempConfig(MAIN);
    const real = join(state.dir, "g.json");
    writeFileSync(real, '{ "port": 1 }');
    const draft = {
      text: main,
      included: [{ real, before: '{ "port": 1 }', text: included }],
      stampOnly: false,
    };
    const order = await placingOrder(state.input, { raw: MAIN, nowMs: 0, dryRun: false }, draft);
    assert.deepEqual(
      order.map(({ target }) => basename(target)),
      want,
    );
  });
}
