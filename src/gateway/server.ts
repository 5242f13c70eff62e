import { createServer, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { handleHttp } from "./http.ts";
import { isLingering } from "./linger.ts";
import { type ListenAddress, listenOn } from "./listen-on.ts";
import type { GatewayServices } from "./services.ts";
import type { TlsMaterial } from "./tls.ts";
import { openUpgrader, type Upgrader } from "./upgrade.ts";

/** The one port that carries HTTP and WebSocket, on one or more addresses. */
export interface GatewayServer {
  upgrader: Upgrader;
  /** Of its certificate; undefined where it speaks plain HTTP. */
  readonly fingerprint: string | undefined;
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

const OPTIONS = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
  maxHeaderSize: MAX_HEADER_BYTES,
  noDelay: true,
};

/** With `tls` it speaks HTTPS and WSS only; Node's TLS is loaded with the first server that does. */
export function openServer(services: GatewayServices, tls?: TlsMaterial): GatewayServer {
  const upgrader = openUpgrader(services);
  let servers: Server[] = [];
  /** They accept nothing any more, but still have connections. */
  const closing = new Map<Server, Promise<void>>();

  function makeServer(): Server {
    const server: Server = tls
      ? process.getBuiltinModule("node:https").createServer({
          ...OPTIONS,
          cert: tls.cert,
          key: tls.key,
          minVersion: "TLSv1.2",
          handshakeTimeout: HEADERS_TIMEOUT_MS,
        })
      : createServer(OPTIONS);
    server.on("request", (request, response) => void handleHttp(request, response, services));
    server.on("clientError", (error, socket) => refuseUnreadable(error, socket, services));
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
    fingerprint: tls?.fingerprint,
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

const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers as Node would do by itself, and leaves a line; what the client has sent is in neither. */
function refuseUnreadable(
  error: NodeJS.ErrnoException & { reason?: string },
  socket: Duplex & { remoteAddress?: string; _httpMessage?: { headersSent: boolean } },
  { refusals, sink }: GatewayServices,
): void {
  if (isLingering(socket)) {
    socket.destroy(error);
    return;
  }
  const { code = "", message, reason = message } = error;
  const status = STATUS_OF[code] ?? (code.startsWith("HPE_") ? 400 : undefined);
  // Anything else is a connection that broke.
  if (status !== undefined) {
    const ip = socket.remoteAddress ?? "";
    const fix =
      "the client has to speak HTTP; whether it should be HTTPS: openclaw config get gateway.tls.enabled";
    const log = sink.log.child("http");
    refusals.note(`http ${ip} ${code}`, "request refused", { ip, status, code, reason, fix }, log);
    // Never into an answer that has begun.
    if (socket.writable && !socket._httpMessage?.headersSent)
      socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`);
  }
  socket.destroy(error);
}
