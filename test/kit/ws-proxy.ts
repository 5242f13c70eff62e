import type { AddressInfo } from "node:net";
import { type RawData, WebSocket, WebSocketServer } from "ws";

/** A proxy for WebSockets alone; gone with the `using` block. */
export interface WsProxy extends AsyncDisposable {
  url: string;
  port: number;
}

export interface WsProxyInput {
  /** Of the gateway. */
  port: number;
  /** What it says of the client. */
  headers?: Record<string, string>;
  /** After the hello no frame passes any more, in neither direction, and the sockets stay open. */
  mutesAfterHello?: boolean;
  /** Is told every frame of the client. */
  onFrame?(text: string): void;
  /** Every frame of the gateway, as the client is to get it. */
  rewrites?(text: string): string;
}

export async function openWsProxy(input: WsProxyInput): Promise<WsProxy> {
  const { port, headers, mutesAfterHello, onFrame, rewrites = (text) => text } = input;
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await new Promise<void>((resolve) => server.once("listening", resolve));
  server.on("connection", (client) => {
    const upstream = new WebSocket(`ws://127.0.0.1:${port}/`, { headers, perMessageDeflate: false });
    const early: RawData[] = [];
    let muted = false;
    client.on("message", (data) => {
      if (muted) return;
      onFrame?.(data.toString());
      if (upstream.readyState === WebSocket.OPEN) upstream.send(data.toString());
      else early.push(data);
    });
    upstream.on("open", () => {
      for (const data of early) upstream.send(data.toString());
    });
    upstream.on("message", (data) => {
      if (muted) return;
      const text = data.toString();
      client.send(rewrites(text));
      if (mutesAfterHello && text.includes('"hello-ok"')) muted = true;
    });
    upstream.on("close", (code, reason) => client.close(code === 1006 ? 1011 : code, reason));
    upstream.on("error", () => client.terminate());
    client.on("close", () => upstream.terminate());
    client.on("error", () => upstream.terminate());
  });
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${own}`,
    port: own,
    [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
