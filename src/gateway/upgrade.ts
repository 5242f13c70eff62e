import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";
import { attributeClient, checkOrigin, hostAllowed } from "../access/origin.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { GatewayServices } from "./services.ts";
import { serveSocket } from "./socket.ts";

/** Turns upgrade requests into served sockets; every refusal is plain HTTP, before a socket costs anything. */
export interface Upgrader {
  handle(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void>;
  closeAll(code: number, reason: string): void;
  terminateAll(): void;
}

export const PROXY_REFUSAL = {
  message:
    "Proxy client attribution is required. The request carries forwarding headers from an address that is not listed; " +
    "if this is your proxy, run: openclaw config set gateway.trustedProxies '[\"<proxy address>\"]'",
  type: "proxy_attribution_required",
};

export function openUpgrader(services: GatewayServices): Upgrader {
  let server: Promise<WebSocketServer> | undefined;
  const sockets = new Set<WebSocket>();
  const unauthenticated = new Map<string, number>();

  /** Loaded with the first client: a gateway that only answers HTTP never pays for it. */
  function webSocketServer(): Promise<WebSocketServer> {
    server ??= import("ws").then(
      ({ WebSocketServer }) =>
        new WebSocketServer({
          noServer: true,
          clientTracking: false,
          perMessageDeflate: false,
          maxPayload: LIMITS.preAuthFrameBytes,
        }),
    );
    return server;
  }

  return {
    async handle(request, stream, head) {
      // Until ws takes over, an error on the stream is nobody's but ours.
      stream.on("error", ignoreReset);
      const attribution = attributeClient(request, services.perimeter);
      if (attribution.kind === "unattributable") {
        services.observed.proxyRefused(attribution.peer);
        services.sink.log.warn("upgrade refused: proxy client attribution is required", {
          peer: attribution.peer,
        });
        return refuse(stream, 403, JSON.stringify({ error: PROXY_REFUSAL }), "application/json");
      }
      const { client } = attribution;
      if (!hostAllowed(request, services.perimeter, client)) {
        services.sink.log.warn("upgrade refused: host not allowed", {
          host: request.headers.host,
          ip: client.ip,
        });
        return refuse(stream, 421, "Host not allowed");
      }
      if (services.lifecycle.phase() === "stopping")
        return refuse(stream, 503, "Gateway websocket admission closed");
      const waiting = unauthenticated.get(client.ip) ?? 0;
      if (waiting >= services.limits.preAuthSocketsPerIp)
        return refuse(stream, 503, "Too many unauthenticated sockets");
      // A page from elsewhere gets its structured answer, but never one of the places of honest clients.
      const counted = checkOrigin(request, services.perimeter) !== "denied";

      const wss = await webSocketServer();
      stream.off("error", ignoreReset);
      wss.handleUpgrade(request, stream, head, (socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        if (counted) unauthenticated.set(client.ip, (unauthenticated.get(client.ip) ?? 0) + 1);
        let settled = !counted;
        serveSocket(
          {
            socket,
            request,
            address: client,
            handshakeTimeoutMs: services.limits.handshakeTimeoutMs,
            raiseFrameLimit: () => raiseFrameLimit(socket),
            onSettled() {
              if (settled) return;
              settled = true;
              const left = (unauthenticated.get(client.ip) ?? 1) - 1;
              if (left > 0) unauthenticated.set(client.ip, left);
              else unauthenticated.delete(client.ip);
            },
          },
          services,
        );
      });
    },
    closeAll(code, reason) {
      for (const socket of sockets) socket.close(code, reason);
    },
    terminateAll() {
      for (const socket of sockets) socket.terminate();
    },
  };
}

/**
 * ws fixes the frame limit per server; strangers get 64 KiB, so the receiver of a client that has proven itself
 * is given the real limit. Should a later ws rename the field, the small limit stays in force.
 */
function raiseFrameLimit(socket: WebSocket): void {
  const receiver = (socket as unknown as { _receiver?: { _maxPayload?: number } })._receiver;
  if (receiver?._maxPayload !== undefined) receiver._maxPayload = LIMITS.maxPayloadBytes;
}

function ignoreReset(): void {}

function refuse(stream: Duplex, status: number, body: string, type = "text/plain"): void {
  stream.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${type}; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    // A refused peer that never reads must not keep its descriptor.
    () => stream.destroy(),
  );
}
