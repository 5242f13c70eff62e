import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openGateway } from "../kit/gateway.ts";

/** A connection closed on unread bytes is reset, and the reset takes an answer away that was not read yet. */
test("who sends a body that is refused gets the answer, also when it is read late", async () => {
  await using gateway = await openGateway();
  const { port, token } = gateway;
  for (let round = 0; round < 5; round++) {
    const socket = connect(port, "127.0.0.1");
    const errors: unknown[] = [];
    socket.on("error", (error) => errors.push(error)).pause();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n` +
        "Content-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n",
    );
    for (let piece = 0; piece < 3; piece++) {
      socket.write(Buffer.alloc(65_536, "a"));
      await sleep(40);
    }
    let answer = "";
    socket.on("data", (data) => {
      answer += data;
    });
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve));
    assert.match(answer, /^HTTP\/1\.1 413 /);
    assert.deepEqual(errors, []);
  }
});
