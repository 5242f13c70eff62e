import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { openGateway } from "../../test/kit/gateway.ts";
import { call } from "../../test/kit/http.ts";
import { until } from "../../test/kit/until.ts";
import { openScope } from "../platform/scope.ts";
import { startMaintenance } from "./maintenance.ts";

test("a gateway that runs copies its sessions by itself, and stops doing so with its scope", async () => {
  await using gateway = await openGateway();
  const body = { messages: [{ role: "user", content: "remember the heron" }] };
  const said = await call({ port: gateway.port, path: "/v1/chat/completions", token: gateway.token, body });
  assert.equal(said.status, 200);

  const clock = handClock(Date.now());
  const scope = openScope("test", { clock, onError: (error) => assert.fail(String(error)) });
  startMaintenance({ ...gateway.running.services, clock }, scope);
  const folder = join(gateway.state.dir, "data/snapshots");
  assert.equal(existsSync(folder), false);
  const copies = () =>
    existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".sqlite")) : [];
  clock.advance(300_000);
  await until("the first snapshot", () => copies().length === 1);

  await scope[Symbol.asyncDispose]();
  clock.advance(24 * 3_600_000);
  assert.equal(copies().length, 1);
});
