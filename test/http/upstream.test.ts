import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { openGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";

const json = (response: ServerResponse, status: number, body: unknown, headers = {}) => {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
};

const TROUBLES = [
  {
    name: "429 with Retry-After",
    answer: (response: ServerResponse) =>
      json(
        response,
        429,
        { error: { message: "slow down", type: "rate_limit_error" } },
        { "retry-after": "7" },
      ),
    want: { status: 429, retryAfter: "7", says: /slow down/ },
  },
  {
    name: "500",
    answer: (response: ServerResponse) => json(response, 500, { error: { message: "oops" } }),
    want: { status: 503, retryAfter: undefined, says: /oops/ },
  },
  {
    name: "a proxy's page",
    answer(response: ServerResponse) {
      response.writeHead(502, { "content-type": "text/html" });
      response.end("<html><h1>Bad gateway</h1></html>");
    },
    want: { status: 502, retryAfter: undefined, says: /HTTP 502/ },
  },
] as const;

test("[DOS-25] one request never becomes many at the model's side, and its trouble is told at once", async () => {
  let calls = 0;
  let trouble: (typeof TROUBLES)[number] = TROUBLES[0];
  const upstream = createServer((request, response) => {
    calls++;
    request.resume();
    trouble.answer(response);
  });
  await once(upstream.listen(0, "127.0.0.1"), "listening");
  try {
    const baseUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`;
    await using gateway = await openGateway({
      config: {
        models: { providers: { sick: { baseUrl, api: "openai-completions", apiKey: "SEC-key-sick" } } },
        agents: { defaults: { model: { primary: "sick/m" } } },
      },
    });
    for (trouble of TROUBLES) {
      for (const stream of [false, true]) {
        calls = 0;
        const answer = await call({
          port: gateway.port,
          path: "/v1/chat/completions",
          token: gateway.token,
          body: { model: "openclaw", messages: [{ role: "user", content: "hello" }], stream },
        });
        const name = `${trouble.name}, stream ${stream}: ${answer.text}`;
        assert.equal(answer.status, trouble.want.status, name);
        assert.equal(answer.headers["retry-after"], trouble.want.retryAfter, name);
        assert.match(answer.json.error.message, trouble.want.says);
        assert.ok(calls >= 1 && calls <= 3, `${name}: ${calls} calls`);
      }
    }
  } finally {
    upstream.closeAllConnections();
    upstream.close();
  }
});
