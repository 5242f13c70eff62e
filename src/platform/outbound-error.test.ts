import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { test } from "node:test";
import { inspect } from "node:util";
import { against, failureOf, PATIENT } from "./outbound.fixture.ts";
import { createOutbound } from "./outbound.ts";

test("a closed port is named with the system's word for it", async () => {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  using outbound = createOutbound();
  const signal = new AbortController().signal;
  const error = await failureOf(
    outbound.request({ url: `http://127.0.0.1:${port}/`, signal, deadlines: PATIENT }),
  );
  assert.deepEqual([error.phase, error.code], ["network", "ECONNREFUSED"]);
  assert.match(error.message, new RegExp(`^127\\.0\\.0\\.1:${port}: connect ECONNREFUSED`));
});

test("[CONF-09] no error repeats credentials, path or query", async () => {
  await using gate = await against((req) => req.socket.destroy());
  const host = `127.0.0.1:${gate.port}`;
  const credentials = `user:SEC-pass@`;
  const tries = [
    `http://${credentials}${host}/SEC-path?key=SEC-query`,
    `http://${credentials}${host}:bad/SEC-path`,
    `ftp://${credentials}${host}/SEC-path`,
    `SEC-nonsense`,
  ];
  using outbound = createOutbound();
  const signal = new AbortController().signal;
  for (const url of tries) {
    const headers = { authorization: "Bearer SEC-bearer" };
    const error = await failureOf(outbound.request({ url, headers, signal, deadlines: PATIENT }));
    assert.doesNotMatch(inspect(error, { depth: 5 }), /SEC-/);
    assert.equal(error.phase, "network");
  }
  const headers = { authorization: "Bearer SEC-\nbearer" };
  const error = await failureOf(
    outbound.request({ url: `http://${host}/`, headers, signal, deadlines: PATIENT }),
  );
  assert.equal(error.code, "ERR_INVALID_CHAR");
  assert.doesNotMatch(inspect(error, { depth: 5 }), /SEC-/);
});

test("an answer that is cut is an error after what came", async () => {
  await using gate = await against((req, res) => {
    res.write("half");
    setTimeout(() => req.socket.destroy(), 20);
  });
  const response = await gate.request("/");
  let text = "";
  const error = await failureOf(
    (async () => {
      for await (const part of response.body) text += Buffer.from(part).toString();
    })(),
  );
  assert.equal(text, "half");
  assert.deepEqual([error.phase, error.code], ["network", "ECONNRESET"]);
});

test("an answer that is not HTTP is a network error", async () => {
  await using gate = await against((req) => req.socket.end("220 smtp ready\r\n"));
  const error = await failureOf(gate.request("/"));
  assert.equal(error.phase, "network");
  assert.match(error.code ?? "", /^HPE_/);
});

test("TLS to a server that speaks plain HTTP fails within its deadline", async () => {
  await using gate = await against((_req, res) => void res.end());
  using outbound = createOutbound();
  const url = `https://127.0.0.1:${gate.port}/`;
  const error = await failureOf(
    outbound.request({ url, signal: new AbortController().signal, deadlines: PATIENT }),
  );
  assert.equal(error.phase, "network");
});
