import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { chunk, openFaultModel, stallsAfter } from "../kit/fault-model.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { until } from "../kit/until.ts";

/** Asks for a stream, reads its first piece and goes away. Resolves with the moment it went. */
function askAndLeave({ port, token }: TestGateway, path: string, body: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const sent = request({ host: "127.0.0.1", port, path, method: "POST", headers }, (response) => {
      response.on("error", () => {});
      response.once("data", () => {
        sent.destroy();
        resolve(Date.now());
      });
    });
    sent.on("error", reject);
    sent.end(JSON.stringify({ ...body, model: "openclaw", stream: true }));
  });
}

test("[R16] a client that goes away takes the call of the model along, and nobody is asked instead", async (t) => {
  await using model = await openFaultModel(stallsAfter(chunk({ content: "a" })));
  await using gateway = await openGateway({ config: model.config({}, {}, ["fault/other"]) });
  const messages = [{ role: "user", content: "hi" }];
  const asked = [
    ["/v1/chat/completions", { messages }],
    ["/v1/responses", { input: "hi" }],
  ] as const;
  for (const [at, [path, body]] of asked.entries()) {
    const leftAt = await askAndLeave(gateway, path, body);
    await until("the upstream call has ended", async () => model.goneAt.length > at);
    t.diagnostic(`${path}: upstream ended after ${model.goneAt[at]! - leftAt} ms`);
  }
  assert.equal(model.requests.length, asked.length);
});
