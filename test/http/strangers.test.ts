import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { test } from "node:test";
import { PRODUCT_VERSION } from "../../src/protocol/version.ts";
import { openGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";

test("[AUTH-42] who has no secret learns neither version, folders, models nor agents from any address", async () => {
  await using gateway = await openGateway({
    config: {
      gateway: { trustedProxies: ["127.0.0.1"] },
      agents: { list: [{ id: "clarissa", default: true, name: "Clarissa" }] },
    },
  });
  const paths = ["/", "/index.html", "/app.js", "/app.css", "/health", "/healthz", "/ready", "/readyz"];
  paths.push(
    "/startup",
    "/startupz",
    "/v1/models",
    "/v1/models/openclaw",
    "/control-ui-config.json",
    "/config",
  );
  paths.push("/__openclaw/control-ui-config.json", "/api/config", "/bootstrap", "/version", "/status");
  for (const path of paths) {
    const { text, headers } = await call({
      port: gateway.port,
      path,
      headers: { "x-forwarded-for": "203.0.113.4" },
    });
    const said = `${text} ${JSON.stringify(headers)}`;
    for (const inside of [
      PRODUCT_VERSION,
      gateway.state.dir,
      process.version,
      /clarissa/i,
      /demo\/echo/,
      TOKEN,
    ])
      assert.ok(said.search(inside) < 0, `${path} tells ${inside}`);
  }
});

const memoryMb = (pid: number) =>
  Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;

test("[DOS-16] a gigabyte that was announced, or comes without end, is refused before it takes memory", {
  skip: process.platform !== "linux" && "reads /proc",
}, async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n`;
  const body = { messages: [{ role: "user", content: "hello" }] };
  await call({ port: gateway.port, path: "/v1/chat/completions", token: TOKEN, body });
  const before = memoryMb(gateway.child.pid!);

  const announced = await sendUntilAnswered(
    gateway.port,
    `${head}Content-Length: 1073741824\r\n\r\n`,
    '{"messages":"',
  );
  assert.match(announced.answer, /^HTTP\/1\.1 413 /);
  assert.ok(announced.sent < 1_000_000, `${announced.sent} bytes were taken`);
  const piece = "a".repeat(65_536);
  const chunk = `${piece.length.toString(16)}\r\n${piece}\r\n`;
  const endless = await sendUntilAnswered(gateway.port, `${head}Transfer-Encoding: chunked\r\n\r\n`, chunk);
  assert.match(endless.answer, /^HTTP\/1\.1 413 /);
  const grown = memoryMb(gateway.child.pid!) - before;
  // Peak, and so with what the collector had not taken yet: what counts is that it does not grow with what is sent.
  assert.ok(grown < 160, `${grown} MB more`);
});

/** Writes `piece` again and again until something comes back or the other side hangs up. */
function sendUntilAnswered(
  port: number,
  head: string,
  piece: string,
): Promise<{ answer: string; sent: number }> {
  return new Promise((resolve) => {
    let answer = "";
    let sent = 0;
    const socket = connect(port, "127.0.0.1", () => socket.write(head, more));
    const more = () => {
      if (answer !== "" || socket.destroyed) return;
      sent += piece.length;
      socket.write(piece, () => setImmediate(more));
    };
    socket.on("data", (data) => {
      answer += data.toString();
      socket.end();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve({ answer, sent }));
  });
}
