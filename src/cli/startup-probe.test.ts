import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { test } from "node:test";
import { askHttp } from "./startup-probe.ts";

async function answering(serve: (socket: Socket) => void): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const ask = (port: number, timeoutMs = 200) => askHttp({ host: "127.0.0.1", port }, "/startupz", timeoutMs);

test("one that lets its answer trickle is as good as silent: the deadline is that of the whole question", async () => {
  await using server = await answering((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nx-slow: ");
    const drip = setInterval(() => socket.write("x"), 20);
    socket.once("close", () => clearInterval(drip));
  });
  assert.deepEqual(await ask(server.port), { kind: "silent", waitedMs: 200 });
});

test("an answer without end is an answer; its connection is not kept", async () => {
  const closed = Promise.withResolvers<void>();
  await using server = await answering((socket) => {
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\nand so on"));
    socket.once("close", () => closed.resolve());
  });
  const answer = await ask(server.port, 5_000);
  assert.equal(answer.kind === "status" && answer.status, 200);
  await closed.promise;
});

test("one that hangs up has cut the connection, and nobody is another answer", async () => {
  let port: number;
  {
    await using server = await answering((socket) => socket.destroy());
    port = server.port;
    assert.equal((await ask(port)).kind, "cut");
  }
  assert.deepEqual(await ask(port), { kind: "closed" });
});
