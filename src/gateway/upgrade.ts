import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";
import { attributeClient, type ClientAddress, checkOrigin, hostAllowed } from "../access/origin.ts";
import { CLOSE, LIMITS } from "../protocol/limits.ts";
import type { GatewayServices } from "./services.ts";
import { serveSocket } from "./socket.ts";
import { openUpgradePools } from "./upgrade-pools.ts";

/** Turns upgrade requests into served sockets; every refusal is plain HTTP, before a socket costs anything. */
export interface Upgrader {
  /** `owner`: came by the socket of the state folder, so there is nothing to find out about the client. */
  handle(request: IncomingMessage, stream: Duplex, head: Buffer, owner?: boolean): Promise<void>;
  closeAll(code: number, reason: string): void;
  terminateAll(): void;
}

export const PROXY_REFUSAL = {
  message:
    "Proxy client attribution is required. The request carries forwarding headers from an address that is not listed; " +
    "if this is your proxy, run: openclaw config set gateway.trustedProxies '[\"<proxy address>\"]'",
  type: "proxy_attribution_required",
};

const SERVER_OPTIONS = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: LIMITS.preAuthFrameBytes,
  maxFragments: LIMITS.fragmentsPerMessage,
  // Who does not answer a close frame does not keep its descriptor for long.
  closeTimeout: LIMITS.closeAnswerMs,
};

const OWNER: ClientAddress = { ip: "local", localDirect: true };

export function openUpgrader(services: GatewayServices): Upgrader {
  let server: Promise<WebSocketServer> | undefined;
  const sockets = new Set<WebSocket>();
  const pools = openUpgradePools(() => services.limits.preAuthSocketsPerIp);

  /** Loaded with the first client: a gateway that only answers HTTP never pays for it. */
  function webSocketServer(): Promise<WebSocketServer> {
    server ??= import("ws").then(({ WebSocketServer }) => new WebSocketServer(SERVER_OPTIONS));
    return server;
  }

  return {
    async handle(request, stream, head, owner = false) {
      // Until ws takes over, an error on the stream is nobody's but ours.
      stream.on("error", ignoreReset);
      const client = owner ? OWNER : admit(request, stream, services);
      if (!client) return;
      if (services.lifecycle.phase() === "stopping")
        return refuse(stream, 503, "Gateway websocket admission closed");

      const wss = await webSocketServer();
      stream.off("error", ignoreReset);
      wss.handleUpgrade(request, stream, head, (socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        const leave = owner
          ? () => {}
          : pools.enter(
              { evict: () => socket.close(CLOSE.tryLater, "too many unauthenticated sockets") },
              { ip: client.ip, origin: checkOrigin(request, services.perimeter) },
            );
        serveSocket(
          {
            socket,
            request,
            address: client,
            owner,
            handshakeTimeoutMs: services.limits.handshakeTimeoutMs,
            raiseFrameLimit: () => raiseFrameLimit(socket),
            onSettled: leave,
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

/** Undefined: it was refused. */
function admit(
  request: IncomingMessage,
  stream: Duplex,
  services: GatewayServices,
): ClientAddress | undefined {
  const { perimeter, observed, refusals } = services;
  const attribution = attributeClient(request, perimeter);
  if (attribution.kind === "unattributable") {
    const { peer } = attribution;
    observed.proxyRefused(peer);
    refusals.note(`proxy ${peer}`, "upgrade refused: proxy client attribution is required", { peer });
    refuse(stream, 403, JSON.stringify({ error: PROXY_REFUSAL }), "application/json");
    return undefined;
  }
  const { client } = attribution;
  if (hostAllowed(request, perimeter, client)) return client;
  const { host } = request.headers;
  refusals.note(`host ${client.ip}`, "upgrade refused: host not allowed", { host, ip: client.ip });
  refuse(stream, 421, "Host not allowed");
  return undefined;
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
