import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";
import { connectWire } from "../kit/wire.ts";

const KILLS = 8;
const SESSIONS = 5;

/** reliability.md R01 in short: whatever was acknowledged is answered exactly once, in order, over any number of kills. */
test("SIGKILL at random moments under load: no acknowledged message is lost or answered twice", async () => {
  using state = makeState(localConfig(await freePort()));
  const acknowledged: string[] = [];
  let counter = 0;

  for (let kill = 0; kill < KILLS; kill++) {
    await using gateway = await spawnGateway(state);
    const client = await connectWire(gateway.port, { token: TOKEN });
    let dead = false;
    const traffic = async () => {
      while (!dead) {
        const runId = `run-${++counter}`;
        const sent = client.request("chat.send", {
          sessionKey: `s${counter % SESSIONS}`,
          message: `say 4 words for ${runId}`,
          idempotencyKey: runId,
        });
        const answer = await Promise.race([sent, client.closed.then(() => undefined)]);
        if (!answer) return;
        assert.equal(answer.ok, true);
        acknowledged.push(runId);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const running = traffic();
    await new Promise((resolve) => setTimeout(resolve, 30 + Math.random() * 120));
    gateway.child.kill("SIGKILL");
    await gateway.ended;
    dead = true;
    await running;
    client.socket.terminate();
  }

  await using gateway = await spawnGateway(state);
  using client = await connectWire(gateway.port, { token: TOKEN });
  assert.ok(acknowledged.length > KILLS, `only ${acknowledged.length} messages`);
  for (const runId of acknowledged) {
    const { payload } = await client.request("agent.wait", { runId, timeoutMs: 10_000 });
    assert.equal(payload.status, "ok", `${runId}: ${JSON.stringify(payload)}`);
  }
  gateway.child.kill("SIGTERM");
  await gateway.ended;

  using database = openReadOnly(join(state.dir, "data/sessions.sqlite"));
  assert.equal(database.get("PRAGMA integrity_check").integrity_check, "ok");
  const rows = database.all(
    "SELECT session_id, seq, run_id, json_extract(body, '$.role') AS role FROM messages ORDER BY session_id, seq",
  );
  const known = new Set(acknowledged);
  const roles = new Map<string, string[]>();
  for (const { run_id, role } of rows)
    roles.set(String(run_id), [...(roles.get(String(run_id)) ?? []), String(role)]);
  for (const runId of known) assert.deepEqual(roles.get(runId), ["user", "assistant"], runId);
  for (const [index, { session_id, role }] of rows.entries()) {
    const next = rows[index + 1];
    if (role === "user")
      assert.ok(
        next?.session_id === session_id && next?.role === "assistant",
        "two open turns in one session",
      );
  }
});

function openReadOnly(path: string) {
  const database = new DatabaseSync(path, { readOnly: true });
  return {
    all: (sql: string) => database.prepare(sql).all(),
    get: (sql: string) => database.prepare(sql).get()!,
    [Symbol.dispose]: () => database.close(),
  };
}
