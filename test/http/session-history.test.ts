import assert from "node:assert/strict";
import { get, type IncomingMessage } from "node:http";
import { test } from "node:test";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";
import { openHeldModel } from "../kit/model.ts";
import { connectWire } from "../kit/wire.ts";

const ask = ({ port, token }: TestGateway, path: string, extra = {}) => call({ port, token, path, ...extra });

/** Reads events until one fits. */
async function openStream({ port, token }: TestGateway, path: string) {
  const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    get({ host: "127.0.0.1", port, path, headers, agent: false }, resolve).once("error", reject),
  );
  let buffered = "";
  const pieces = response.setEncoding("utf8")[Symbol.asyncIterator]();
  return {
    response,
    // biome-ignore lint/suspicious/noExplicitAny: a foreign client's view of events
    async next(name: string): Promise<any> {
      for (;;) {
        const found = new RegExp(`event: ${name}\\n(?:id: .*\\n)?data: (.*)\\n\\n`).exec(buffered);
        if (found) {
          buffered = buffered.slice(found.index + found[0].length);
          return JSON.parse(found[1]!);
        }
        const { value, done } = await pieces.next();
        assert.ok(!done, `the stream ended before an event ${name}`);
        buffered += value;
      }
    },
    [Symbol.dispose]: () => response.destroy(),
  };
}

test("a history is read in pages, and as a stream it goes on with every message that follows", async () => {
  await using gateway = await openGateway();
  using client = await connectWire(gateway.port, { token: gateway.token });
  const say = async (message: string) => {
    const { payload } = await client.request("sessions.send", { key: "told", message });
    await client.next(
      ({ event, payload: at }) => event === "chat" && at.runId === payload.runId && at.state === "final",
    );
  };
  await say("say 1 word");
  await say("say 2 words");

  const page = (await ask(gateway, "/sessions/told/history?limit=3")).json;
  assert.deepEqual([page.sessionKey, page.items.length, page.hasMore], ["agent:main:told", 3, true]);
  const older = (
    await ask(gateway, `/sessions/agent%3Amain%3Atold/history?limit=3&cursor=${page.nextCursor}`)
  ).json;
  assert.deepEqual([older.items.length, older.hasMore], [1, false]);
  assert.equal((await ask(gateway, "/sessions/told/history?limit=0")).status, 400);
  assert.equal((await ask(gateway, "/sessions/told/history?cursor=x")).status, 400);
  const missing = await ask(gateway, "/sessions/nobody/history");
  assert.equal(missing.status, 404);
  assert.deepEqual(missing.json, { error: { message: "Session not found: nobody", type: "not_found" } });
  assert.equal((await call({ port: gateway.port, path: "/sessions/told/history" })).status, 401);
  assert.equal((await ask(gateway, "/sessions/told/elsewhere")).status, 404);
  assert.equal((await ask(gateway, "/sessions/told/kill")).status, 405);

  using stream = await openStream(gateway, "/sessions/told/history");
  assert.equal((await stream.next("history")).items.length, 4);
  await say("say 3 words");
  assert.equal((await stream.next("message")).message.role, "user");
  assert.equal((await stream.next("message")).message.role, "assistant");
});

test("kill ends what runs in a session; an open stream does not hold up a stop", async () => {
  await using model = await openHeldModel();
  await using gateway = await openGateway({ config: model.config });
  using client = await connectWire(gateway.port, { token: gateway.token });
  await client.request("chat.send", { sessionKey: "busy", message: "x", idempotencyKey: "k1" });
  await client.next(({ event, payload }) => event === "chat" && payload.state === "delta");
  assert.deepEqual((await ask(gateway, "/sessions/busy/kill", { method: "POST" })).json, {
    ok: true,
    killed: true,
  });
  await client.next(({ event, payload }) => event === "chat" && payload.state === "aborted");
  assert.deepEqual((await ask(gateway, "/sessions/busy/kill", { method: "POST" })).json, {
    ok: true,
    killed: false,
  });
  using stream = await openStream(gateway, "/sessions/busy/history");
  await stream.next("history");
  await gateway.stop();
});
