import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runHere } from "./command.ts";
import { folderState, idsOf, runDoctor } from "./doctor.ts";
import { openGateway } from "./gateway.ts";
import { firstOfEach } from "./long.ts";
import { freePort } from "./port.ts";
import { writeShims } from "./shims.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "./state.ts";
import { until } from "./until.ts";

export interface ConfigFault {
  /** With the signature or threat it proves in brackets. */
  name: string;
  /** Config that was in use before the fault: history and last good version know it. */
  before?: (port: number) => unknown;
  inject(state: StateFolder, port: number): void;
  env?: NodeJS.ProcessEnv;
  finds: string;
  /** In title, evidence, why or fix. */
  says?: RegExp;
  fix?: RegExp;
  /** `doctor --fix` mends it; `force` takes `--fix --force`; false: a person has to. */
  repairs: true | "force" | false;
  /** What the config has to say afterwards. */
  after?: RegExp;
  /** The finding is no error, so the exit code of `doctor` is not its business. */
  harmless?: true;
  /** The start has put something in the place of what was set aside, so that only --undo --force brings it back. */
  contested?: true;
  /** The gateway starts with the fault as well, or cannot be started at all by this test. */
  start?: "not-tried";
}

export const configWith = (port: number, gateway: Record<string, unknown> = {}, rest: object = {}) =>
  localConfig(port, { gateway, ...rest });
export const text = (value: unknown) => JSON.stringify(value, null, 2);
export const COMMENTED = (port: number) => `{
  // my gateway
  gateway: {
    mode: "local", bind: "loopback",
    port: ${port}, // chosen
    auth: { mode: "token", token: "${TOKEN}" },
  },
  agents: { defaults: { model: "demo/echo" } },
}
`;

/** What a gateway that was started in between has changed. */
const OF_THE_GATEWAY = /^$|last-good$|^gateway\.pid$|^workspace|^data($|\/(sessions|boots))/;

const isFirstOf = firstOfEach();

/**
 * One fault, one test: it is found with a way out, looking changes nothing, the repair takes it away; after the first
 * repair of each finding, or of all in a long run, the gateway starts and --undo brings back what was there.
 */
export function testConfigFault(fault: ConfigFault): void {
  test(`doctor: ${fault.name}`, async (t) => {
    const { finds, says, fix, repairs, after, env = {}, harmless, start } = fault;
    const port = await freePort();
    using state = makeState();
    state.env.PATH = writeShims(join(state.dir, "../programs"), {});
    if (fault.before) {
      state.write(fault.before(port));
      await runBriefly(state);
    }
    fault.inject(state, port);
    const faulty = folderState(state.dir);

    const seen = await runDoctor(state, [], env);
    const found = seen.findings.find(({ id }) => id === finds);
    assert.ok(found, `found ${idsOf(seen).join(", ") || "nothing"}`);
    const said = [found.title, ...found.evidence, found.why, found.fix].join("\n");
    if (says) assert.match(said, says);
    assert.match(found.fix, fix ?? /\S/);
    assert.ok(!JSON.stringify(seen).includes(TOKEN), "a secret is in the report");
    if (!harmless) assert.deepEqual([found.severity, seen.code], ["error", 1]);
    t.diagnostic(`looked for ${seen.durationMs} ms`);
    assert.deepEqual(folderState(state.dir), faulty, "looking has changed something");

    const careful = await runDoctor(state, ["--fix", "--non-interactive"], env);
    if (repairs !== true) {
      assert.ok(idsOf(careful).includes(finds), "it is gone without a repair");
      assert.deepEqual(folderState(state.dir), faulty, "something else was repaired");
      if (repairs === false) return;
    }
    const fixed = repairs === "force" ? await runDoctor(state, ["--fix", "--force"], env) : careful;
    assert.ok(!idsOf(fixed).includes(finds), `still there: ${JSON.stringify(fixed, null, 1)}`);
    assert.equal(fixed.code, 0, JSON.stringify(fixed, null, 1));
    assert.ok(fixed.repairs!.every(({ outcome }) => outcome === "fixed"));
    if (after) assert.match(readFileSync(state.configPath, "utf8"), after);

    if (!isFirstOf(`${finds} ${repairs}`) && !fault.contested) return;
    if (start !== "not-tried") {
      await using gateway = await openGateway({ state, env, flags: { port } });
      assert.equal((await fetch(`http://127.0.0.1:${gateway.port}/readyz`)).status, 200);
    }
    if (fault.contested) assert.equal((await runHere(["doctor", "--undo"], state, env)).code, 1);
    const force = fault.contested ? ["--force"] : [];
    const { code, stderr } = await runHere(["doctor", "--undo", ...force], state, env);
    assert.equal(code, 0, stderr);
    const restored = folderState(state.dir);
    for (const [name, was] of Object.entries(faulty)) {
      if (!OF_THE_GATEWAY.test(name)) assert.equal(restored[name], was, `${name} is not what it was`);
    }
  });
}

/** So that the config was really in use: a last good version and a history of it are there. */
async function runBriefly(state: StateFolder): Promise<void> {
  await using _ = await openGateway({ state, flags: { port: 0 } });
  const history = join(state.dir, "data/config-history/000001.json");
  await until("the gateway has taken the config up", () =>
    [`${state.configPath}.last-good`, history].every((file) => existsSync(file) && statSync(file).size > 0),
  );
}
