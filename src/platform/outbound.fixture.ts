import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createOutbound, type Deadlines, OutboundError, type OutboundRequest } from "./outbound.ts";

/** For tests that are about something else than time. */
export const PATIENT: Deadlines = { connectMs: 5_000, firstByteMs: 5_000, idleMs: 5_000, totalMs: 10_000 };

/** A server, a client and what the server saw. */
export async function against(listener: RequestListener) {
  const server: Server = createServer(listener);
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const outbound = createOutbound();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sockets,
    request: (path: string, input: Partial<OutboundRequest> = {}) =>
      outbound.request({
        url: `http://127.0.0.1:${port}${path}`,
        signal: new AbortController().signal,
        deadlines: PATIENT,
        ...input,
      }),
    async [Symbol.asyncDispose]() {
      outbound[Symbol.dispose]();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export async function failureOf(promise: Promise<unknown>): Promise<OutboundError> {
  const error = await promise.then(
    () => assert.fail("did not fail"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof OutboundError, String(error));
  return error;
}
