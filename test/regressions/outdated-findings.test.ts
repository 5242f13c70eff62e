import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReloadStatus } from "../../src/gateway/reload/status.ts";
import { openSelfCheck } from "../../src/gateway/self-check.ts";
import { openGateway } from "../kit/gateway.ts";

test("a config mended while the gateway examines the broken one leaves no finding behind", async () => {
  await using gateway = await openGateway();
  const { clock, env, paths, port, reload, sink, observed } = gateway.running.services;
  const current = reload.status();
  let status: ReloadStatus = { ...current, state: "invalid", issues: ["gateway.port: not a number"] };
  let looks = 0;
  const selfCheck = openSelfCheck({
    clock,
    env,
    paths,
    port,
    sink,
    reload: { ...reload, status: () => status },
    observed: {
      ...observed,
      report(trusted) {
        // The look has taken the status; here it changes behind its back.
        if (++looks === 2) {
          status = current;
          selfCheck.changed();
        }
        return observed.report(trusted);
      },
    },
    trustedProxies: () => [],
    channels: () => [],
    onChange() {},
  });
  const ids = async () => (await selfCheck.look()).map(({ id }) => id);
  assert.notDeepEqual(await ids(), []);
  selfCheck.changed();
  assert.deepEqual(await ids(), []);
  assert.equal(looks, 3);
});
