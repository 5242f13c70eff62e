import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import type { DeadlineWatch } from "./outbound-deadlines.ts";
import { networkError } from "./outbound-error.ts";
import type { OutboundTarget } from "./outbound-target.ts";

export interface OutboundResponse {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Once only; throws `OutboundError`. Leaving the loop early closes the connection. */
  body: AsyncIterable<Uint8Array>;
  /** The body as UTF-8, at most its first `maxBytes`; throws `OutboundError`. */
  text(maxBytes: number): Promise<string>;
  /** For a body nobody wants to read; closes the connection unless it was read to its end. */
  discard(): void;
}

export interface CallInput {
  target: OutboundTarget;
  method: string;
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** false: a connection of its own, not kept. */
  agent: Agent | false;
  watch: DeadlineWatch;
}

/** The server closed a kept connection while our request was on its way: worth exactly one more try. */
export class StaleConnection extends Error {
  override readonly name = "StaleConnection";
}

/** One attempt. Rejects with `OutboundError` or `StaleConnection`. */
export function call({ target, method, headers, body, agent, watch }: CallInput): Promise<OutboundResponse> {
  const { host, hostname, port, path, auth, secure } = target;
  const http = process.getBuiltinModule(secure ? "node:https" : "node:http");
  return new Promise((resolve, reject) => {
    watch.enter("connect");
    const request = http.request({ hostname, port, path, auth, method, headers, agent });
    let bytesBefore = 0;
    watch.onFailure = (error) => {
      // At once: a request that still queues for a connection hears of its own end only when it gets one.
      reject(error);
      request.destroy(error);
    };

    request.once("socket", (socket) => {
      bytesBefore = socket.bytesRead;
      if (!socket.connecting) watch.enter("first-byte");
      else socket.once(secure ? "secureConnect" : "connect", () => watch.enter("first-byte"));
    });
    request.once("response", (response) => {
      watch.rest();
      resolve(readable(response, host, watch));
    });
    request.on("error", (error) => {
      reject(
        isStale(request, error, bytesBefore)
          ? new StaleConnection("", { cause: error })
          : networkError(error, host),
      );
    });
    if (isStream(body)) void pour(body, request, watch);
    else request.end(body);
  });
}

export function isStream(body: CallInput["body"]): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && !(body instanceof Uint8Array);
}

/** Never more in memory than one piece and what the socket holds; a source that fails ends the request. */
async function pour(
  body: AsyncIterable<Uint8Array>,
  request: ClientRequest,
  watch: DeadlineWatch,
): Promise<void> {
  try {
    for await (const piece of body) {
      if (request.destroyed) return;
      if (request.socket && !request.socket.connecting) watch.enter("first-byte");
      if (!request.write(piece)) await drained(request);
    }
    request.end();
  } catch (error) {
    request.destroy(error as Error);
  }
}

function drained(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      request.off("drain", go).off("close", go);
      resolve();
    };
    request.once("drain", go).once("close", go);
  });
}

function isStale(request: ClientRequest, error: NodeJS.ErrnoException, bytesBefore: number): boolean {
  const wasCut = error.code === "ECONNRESET" || error.code === "EPIPE";
  return wasCut && request.reusedSocket && request.socket?.bytesRead === bytesBefore;
}

function readable(response: IncomingMessage, host: string, watch: DeadlineWatch): OutboundResponse {
  // Errors reach the reader through the iterator; without a reader there is nobody to tell.
  response.on("error", () => {});
  response.once("close", () => watch[Symbol.dispose]());
  watch.onFailure = (error) => response.destroy(error);

  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      watch.enter("idle");
      for await (const piece of response) {
        watch.rest();
        yield piece;
        watch.enter("idle");
      }
    } catch (error) {
      throw watch.failure ?? networkError(error, host);
    }
  }

  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: { [Symbol.asyncIterator]: pieces },
    async text(maxBytes) {
      const read: Uint8Array[] = [];
      let bytes = 0;
      for await (const piece of pieces()) {
        read.push(piece);
        bytes += piece.length;
        if (bytes >= maxBytes) break;
      }
      return Buffer.concat(read).subarray(0, maxBytes).toString("utf8");
    },
    discard: () => void response.destroy(),
  };
}
