import { createServer, type Server } from "node:net";

/** A port nobody listens on right now. */
export async function freePort(): Promise<number> {
  await using holder = await holdPort();
  return holder.port;
}

/** A foreign program on a port, which listens to everybody and never says anything. */
export async function holdPort(port = 0): Promise<{ port: number; server: Server } & AsyncDisposable> {
  const server = createServer((socket) => socket.resume().on("error", () => {}));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    server,
    port: (server.address() as { port: number }).port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
