import assert from "node:assert/strict";
import { WebSocket } from "ws";
import type { HelloOk } from "../../src/protocol/hello.ts";

export interface WireFrame {
  type: string;
  id?: string;
  event?: string;
  ok?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into frames as a foreign client would, without our types
  payload?: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  error?: any;
  seq?: number;
}

/** A scripted WebSocket client: sends whatever it is told and keeps every frame it got. */
export interface WireClient extends Disposable {
  socket: WebSocket;
  frames: WireFrame[];
  send(frame: unknown): void;
  sendText(text: string): void;
  /** The next frame that fits, also one that has arrived already and was not taken. */
  next(fits: (frame: WireFrame) => boolean): Promise<WireFrame>;
  request(method: string, params?: unknown): Promise<WireFrame>;
  /** Code and reason of the close frame. */
  closed: Promise<{ code: number; reason: string }>;
}

const WAIT_MS = 10_000;

export async function openWire(port: number, headers: Record<string, string> = {}): Promise<WireClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers, perMessageDeflate: false });
  const frames: WireFrame[] = [];
  const taken = new Set<WireFrame>();
  const listeners = new Set<() => void>();
  let counter = 0;

  socket.on("message", (data) => {
    frames.push(JSON.parse(data.toString()) as WireFrame);
    for (const listener of listeners) listener();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => {});

  function next(fits: (frame: WireFrame) => boolean): Promise<WireFrame> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        listeners.delete(look);
        reject(new Error(`no such frame within ${WAIT_MS} ms; got ${JSON.stringify(frames.slice(-5))}`));
      }, WAIT_MS);
      const look = () => {
        const frame = frames.find((candidate) => !taken.has(candidate) && fits(candidate));
        if (!frame) return;
        taken.add(frame);
        listeners.delete(look);
        clearTimeout(timer);
        resolve(frame);
      };
      listeners.add(look);
      look();
    });
  }

  const send = (frame: unknown) => socket.send(JSON.stringify(frame));
  return {
    socket,
    frames,
    closed,
    send,
    sendText: (text) => socket.send(text),
    next,
    request(method, params) {
      const id = `t${++counter}`;
      send({ type: "req", id, method, ...(params !== undefined && { params }) });
      return next((frame) => frame.type === "res" && frame.id === id);
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}

export interface ConnectOverrides {
  token?: string;
  scopes?: string[];
  // biome-ignore lint/suspicious/noExplicitAny: deliberately wrong values are part of the tests
  [key: string]: any;
}

export function connectParams({ token, scopes, ...rest }: ConnectOverrides = {}): Record<string, unknown> {
  return {
    minProtocol: 4,
    maxProtocol: 4,
    client: { id: "gateway-client", mode: "backend", version: "test", platform: "linux" },
    role: "operator",
    scopes: scopes ?? ["operator.read", "operator.write"],
    ...(token !== undefined && { auth: { token } }),
    ...rest,
  };
}

/** A client that has said hello. */
export async function connectWire(
  port: number,
  overrides: ConnectOverrides,
): Promise<WireClient & { hello: HelloOk }> {
  const client = await openWire(port);
  await client.next((frame) => frame.event === "connect.challenge");
  const answer = await client.request("connect", connectParams(overrides));
  assert.equal(answer.ok, true, JSON.stringify(answer.error));
  return { ...client, hello: answer.payload as HelloOk };
}
