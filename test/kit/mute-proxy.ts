import { once } from "node:events";
import { createServer, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** A proxy that answers HTTP and, of WebSockets, passes on what it likes. */
export interface MuteProxy extends AsyncDisposable {
  port: number;
  /** From now on no frame comes through, in either direction. */
  hush(): void;
  speak(): void;
  /** Drops every WebSocket without a word. */
  cut(): void;
}

/** "mute": of a WebSocket the upgrade is answered, and nothing else comes through. */
export async function openMute(upstreamPort: number, from: "mute" | "open" = "open"): Promise<MuteProxy> {
  const sockets = new Set<Socket>();
  let mute = from === "mute";
  const server = createServer((incoming, answer) => {
    const { url: path, method, headers } = incoming;
    const upstream = request({ host: "127.0.0.1", port: upstreamPort, path, method, headers }, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    upstream.once("error", () => answer.destroy());
    incoming.pipe(upstream);
  });
  server.on("upgrade", (incoming, client: Socket) => {
    const upstream = connect(upstreamPort, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    const lines = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    upstream.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join("")}\r\n`);
    let answered = false;
    upstream.on("data", (bytes: Buffer) => {
      if (answered && mute) return;
      // With the answer to the upgrade may come the first frame.
      const end = answered || !mute ? bytes.length : bytes.indexOf("\r\n\r\n") + 4;
      answered = true;
      client.write(bytes.subarray(0, end));
    });
    client.on("data", (bytes: Buffer) => void (mute || upstream.write(bytes)));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    hush() {
      mute = true;
    },
    speak() {
      mute = false;
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}
