import { createServer, type Server } from "node:http";
import { handleHttp } from "./http.ts";
import { type ListenAddress, listenOn } from "./listen-on.ts";
import type { GatewayServices } from "./services.ts";
import { openUpgrader, type Upgrader } from "./upgrade.ts";

/** The one port that carries HTTP and WebSocket, on one or more addresses. */
export interface GatewayServer {
  upgrader: Upgrader;
  /** Rejects with a Fault that names who holds the port. May be called again for further ports. */
  listen(address: ListenAddress): Promise<void>;
  /** The port in use; differs from the wanted one only when that was 0. */
  port(): number;
  addresses(): string[];
  /** Gives the ports back at once; connections live on, and `listen` may be called again. */
  stopListening(): void;
  /** Stops accepting; resolves when the last connection is gone. */
  close(): Promise<void>;
  /** Ends connections that would keep `close` waiting. */
  dropConnections(): void;
}

/** Slow or silent peers are gone within these (DOS-11, DOS-13). */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 120_000;
const KEEP_ALIVE_MS = 65_000;
const CHECK_INTERVAL_MS = 2_000;
const MAX_HEADER_BYTES = 16_384;

export function openServer(services: GatewayServices): GatewayServer {
  const upgrader = openUpgrader(services);
  let servers: Server[] = [];
  /** They accept nothing any more, but still have connections. */
  const closing = new Map<Server, Promise<void>>();

  function makeServer(): Server {
    const server = createServer({
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      noDelay: true,
    });
    server.on("request", (request, response) => void handleHttp(request, response, services));
    server.on("upgrade", (request, stream, head) => {
      upgrader.handle(request, stream, head).catch((error) => {
        services.sink.log.error("upgrade failed", { error });
        stream.destroy();
      });
    });
    return server;
  }

  function stopListening(): void {
    for (const server of servers) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      closing.set(
        server,
        closed.then(() => void closing.delete(server)),
      );
    }
    servers = [];
  }

  return {
    upgrader,
    async listen(address) {
      const server = makeServer();
      await listenOn(server, address);
      servers.push(server);
    },
    port() {
      const bound = servers[0]?.address();
      return typeof bound === "object" && bound ? bound.port : 0;
    },
    addresses: () =>
      servers.flatMap((server) => {
        const bound = server.address();
        return typeof bound === "object" && bound
          ? [bound.family === "IPv6" ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`]
          : [];
      }),
    stopListening,
    async close() {
      stopListening();
      await Promise.all(closing.values());
    },
    dropConnections() {
      for (const server of [...servers, ...closing.keys()]) server.closeAllConnections();
    },
  };
}
