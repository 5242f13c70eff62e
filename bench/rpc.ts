import { WebSocket } from "ws";
import type { Figure } from "./figure.ts";
import { freePort, startBare, startGateway, TOKEN } from "./process.ts";

const CONNECTIONS = 10;
const REQUESTS_PER_CONNECTION = 3_000;
const WARM_UP = 300;

/** `health` over ten connections against a JSON echo of the bare server. */
export async function benchRpc(): Promise<Figure[]> {
  await using gateway = await startGateway();
  await using plain = await startBare(await freePort());
  const echo = await throughput(() => open(plain.port), "health");
  const health = await throughput(() => connect(gateway.port), "health");
  return [
    {
      name: "health RPC, 10 connections",
      value: health,
      unit: "/s",
      against: echo,
      limit: { kind: "at least", ratio: 0.5 },
    },
  ];
}

async function throughput(dial: () => Promise<WebSocket>, method: string): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, dial));
  await Promise.all(sockets.map((socket) => converse(socket, method, WARM_UP)));
  const startedAt = performance.now();
  await Promise.all(sockets.map((socket) => converse(socket, method, REQUESTS_PER_CONNECTION)));
  const seconds = (performance.now() - startedAt) / 1000;
  for (const socket of sockets) socket.terminate();
  return (CONNECTIONS * REQUESTS_PER_CONNECTION) / seconds;
}

/** One request after the other: what a client waits for is what counts. */
function converse(socket: WebSocket, method: string, count: number): Promise<void> {
  return new Promise((resolve) => {
    let sent = 0;
    const next = () => socket.send(JSON.stringify({ type: "req", id: String(++sent), method, params: {} }));
    socket.on("message", function onMessage(data) {
      if (!data.toString().startsWith('{"type":"res"')) return;
      if (sent < count) return next();
      socket.off("message", onMessage);
      resolve();
    });
    next();
  });
}

function open(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve(socket));
    socket.once("error", reject);
  });
}

async function connect(port: number): Promise<WebSocket> {
  const socket = await open(port);
  const params = {
    minProtocol: 4,
    maxProtocol: 4,
    client: { id: "gateway-client", mode: "backend", version: "bench", platform: process.platform },
    scopes: ["operator.read"],
    auth: { token: TOKEN },
  };
  socket.send(JSON.stringify({ type: "req", id: "connect", method: "connect", params }));
  await new Promise<void>((resolve) => {
    socket.on("message", function onMessage(data) {
      if (!data.toString().includes("hello-ok")) return;
      socket.off("message", onMessage);
      resolve();
    });
  });
  return socket;
}
