import assert from "node:assert/strict";
import { test } from "node:test";
import { openGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";
import { requireInvariants } from "../kit/invariants.ts";
import { connectWire } from "../kit/wire.ts";

/** reliability.md R06: accepted means durable, else refused with a code; and it heals by itself. */
test("a disk that takes nothing more: messages are refused, not lost, and accepted again when there is space", async () => {
  await using gateway = await openGateway();
  const { database } = gateway.running.services.turns.store;
  using client = await connectWire(gateway.port, { token: gateway.token, scopes: ["operator.admin"] });
  const send = (runId: string) =>
    client.request("chat.send", { sessionKey: "main", message: "x".repeat(50_000), idempotencyKey: runId });

  // The database may not grow any more: the same error a full disk gives.
  const { page_count: pages } = database.prepare("PRAGMA page_count").get() as { page_count: number };
  database.exec(`PRAGMA max_page_count = ${pages}`);
  const { error } = await send("r1");
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.details.code, "STORAGE_FULL");
  assert.equal(error.retryable, true);
  const body = { messages: [{ role: "user", content: "y".repeat(50_000) }] };
  const answer = await call({ port: gateway.port, path: "/v1/chat/completions", token: gateway.token, body });
  assert.equal(answer.status, 503);
  assert.equal((await client.request("health")).ok, true);

  database.exec("PRAGMA max_page_count = 1000000");
  assert.equal((await send("r1")).payload.status, "started");
  assert.equal((await client.request("agent.wait", { runId: "r1" })).payload.status, "ok");
  await gateway.stop();
  await requireInvariants(gateway.state, { acknowledged: [{ runId: "r1", sessionKey: "main" }] });
});
