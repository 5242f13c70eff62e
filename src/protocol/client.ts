import { GatewayError, type WireError } from "./errors.ts";
import { type EventFrame, isRecord, parseServerFrame } from "./frames.ts";
import type { HelloOk } from "./hello.ts";
import { PROTOCOL_VERSION } from "./limits.ts";

/** The part of a WebSocket the client uses; `ws` sockets and browser sockets both have it. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export interface ClientIdentity {
  id: string;
  mode: string;
  version: string;
  platform: string;
  displayName?: string;
}

export interface ConnectInput {
  /** Opens the transport; the caller knows the URL and which WebSocket implementation to use. */
  open(): SocketLike;
  client: ClientIdentity;
  scopes: readonly string[];
  auth: { token?: string; password?: string; deviceToken?: string };
  /** Signs for the device of this client; what it returns is sent along with the rest. */
  prove?(
    challenge: Challenge,
    params: SignedParams,
  ): Record<string, unknown> | Promise<Record<string, unknown>>;
  caps?: readonly string[];
  minProtocol?: number;
  /** Whole handshake, milliseconds. */
  timeoutMs: number;
  onEvent?(event: EventFrame): void;
  onClose?(close: CloseInfo): void;
}

/** What the gateway asks every client to sign. */
export interface Challenge {
  nonce: string;
  ts: number;
}

/** The part of `connect` that a device signs. */
export type SignedParams = Pick<ConnectInput, "client" | "scopes" | "auth"> & { role: string };

export interface CloseInfo {
  code: number;
  reason: string;
}

export interface CallOptions {
  timeoutMs: number;
  /** Two-phase methods (`agent`): resolve with the second response, hand the first one here. */
  onAccepted?(payload: unknown): void;
  signal?: AbortSignal;
}

/** The transport failed before or while talking; `close` is known when the peer said goodbye. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly close: CloseInfo | undefined;
  constructor(message: string, options: { cause?: unknown; close?: CloseInfo } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.close = options.close;
  }
}

export interface GatewayConnection {
  readonly hello: HelloOk;
  call<T = unknown>(method: string, params: unknown, options: CallOptions): Promise<T>;
  close(): void;
}

interface Waiting {
  resolve(payload: unknown): void;
  reject(error: Error): void;
  onAccepted: ((payload: unknown) => void) | undefined;
}

/**
 * Connects, answers the challenge and resolves once the gateway said hello.
 * Rejects with `GatewayError` when the gateway refused and with `ConnectionError` when the transport failed.
 */
export function connectGateway(input: ConnectInput): Promise<GatewayConnection> {
  return new Promise((resolveConnect, rejectConnect) => {
    const socket = input.open();
    const waiting = new Map<string, Waiting>();
    let counter = 0;
    let settled = false;
    let closed: CloseInfo | undefined;

    const deadline = setTimeout(() => fail(new ConnectionError("connect timeout")), input.timeoutMs);

    function fail(error: Error): void {
      clearTimeout(deadline);
      if (!settled) {
        settled = true;
        rejectConnect(error);
      }
      for (const entry of waiting.values()) entry.reject(error);
      waiting.clear();
      socket.close();
    }

    function request<T>(method: string, params: unknown, options: CallOptions): Promise<T> {
      if (closed) return Promise.reject(new ConnectionError("gateway not connected", { close: closed }));
      if (options.signal?.aborted) return Promise.reject(options.signal.reason);
      const id = `${++counter}:${randomId()}`;
      return new Promise<T>((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new ConnectionError(`${method}: no answer within ${options.timeoutMs} ms`));
        }, options.timeoutMs);
        const onAbort = () => {
          waiting.delete(id);
          clearTimeout(timer);
          reject(options.signal?.reason ?? new Error("aborted"));
        };
        options.signal?.addEventListener("abort", onAbort, { once: true });
        const done = () => {
          clearTimeout(timer);
          options.signal?.removeEventListener("abort", onAbort);
        };
        waiting.set(id, {
          resolve: (payload) => {
            done();
            resolve(payload as T);
          },
          reject: (error) => {
            done();
            reject(error);
          },
          onAccepted: options.onAccepted,
        });
        socket.send(JSON.stringify({ type: "req", id, method, ...(params !== undefined && { params }) }));
      });
    }

    async function onChallenge(challenge: Challenge): Promise<void> {
      const signed = { client: input.client, role: "operator", scopes: input.scopes, auth: input.auth };
      const device = input.prove && (await input.prove(challenge, signed));
      const params = {
        minProtocol: input.minProtocol ?? PROTOCOL_VERSION,
        maxProtocol: PROTOCOL_VERSION,
        ...signed,
        ...(device && { device }),
        ...(input.caps && { caps: input.caps }),
      };
      const hello = await request<HelloOk>("connect", params, { timeoutMs: input.timeoutMs });
      clearTimeout(deadline);
      settled = true;
      resolveConnect({ hello, call: request, close: () => socket.close(1000) });
    }

    socket.onmessage = (event: { data: unknown }) => {
      const frame = parseServerFrame(String(event.data));
      if (!frame) return;
      if (frame.type === "event") {
        if (frame.event === "connect.challenge") onChallenge(frame.payload as Challenge).catch(fail);
        else input.onEvent?.(frame);
        return;
      }
      const entry = waiting.get(frame.id);
      if (!entry) return;
      if (frame.ok && entry.onAccepted && isRecord(frame.payload) && frame.payload.status === "accepted") {
        entry.onAccepted(frame.payload);
        return;
      }
      waiting.delete(frame.id);
      if (frame.ok) entry.resolve(frame.payload);
      else entry.reject(fromWire(frame.error));
    };
    socket.onerror = (event: { error?: unknown; message?: string }) => {
      fail(new ConnectionError(event.message || "connection error", { cause: event.error }));
    };
    socket.onclose = (event: { code: number; reason: unknown }) => {
      closed = { code: event.code, reason: String(event.reason ?? "") };
      fail(new ConnectionError(`gateway closed (${closed.code}): ${closed.reason}`, { close: closed }));
      input.onClose?.(closed);
    };
  });
}

/** `crypto.randomUUID` exists on secure origins only; this runs on others too. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

function fromWire(error: WireError): GatewayError {
  const details = error.details ?? {};
  return new GatewayError(error.code as GatewayError["code"], error.message, {
    details,
    ...(error.retryable !== undefined && { retryable: error.retryable }),
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
  });
}
