import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { RawData, WebSocket } from "ws";
import {
  attributeClient,
  type ClientAddress,
  checkOrigin,
  hostAllowed,
  type Perimeter,
  proxyOf,
} from "../access/origin.ts";
import { GatewayError, type WireError } from "../protocol/errors.ts";
import { parseRequest, type RequestFrame } from "../protocol/frames.ts";
import { CLOSE, closeReason } from "../protocol/limits.ts";
import { Connection } from "./connection.ts";
import { dispatch } from "./dispatch.ts";
import { handshake } from "./handshake.ts";
import { buildHello } from "./hello.ts";
import type { GatewayServices } from "./services.ts";

export interface SocketInput {
  socket: WebSocket;
  request: IncomingMessage;
  address: ClientAddress;
  handshakeTimeoutMs: number;
  /** Lifts the pre-auth frame limit of this socket. */
  raiseFrameLimit(): void;
  /** The socket no longer counts as unauthenticated. */
  onSettled(): void;
}

/** One socket from challenge to close (protocol.md §1.3). */
export function serveSocket(input: SocketInput, services: GatewayServices): void {
  const { socket, request, address } = input;
  const { clock, sink, broadcast, presence, health } = services;
  const log = sink.log.child("ws");
  const connId = randomUUID();
  const nonce = randomUUID();
  let connection: Connection | undefined;
  let refusal: string | undefined;

  const deadline = clock.after(input.handshakeTimeoutMs, () => refuse(CLOSE.policy, "connect timeout"));

  socket.on("message", (data: RawData) => {
    if (connection?.isClosing()) return;
    if (connection) onRequest(connection, data.toString());
    else if (refusal === undefined) onFirstFrame(data.toString());
  });
  socket.on("pong", () => {
    if (connection) connection.alive = true;
  });
  // ws closes the socket itself after a protocol violation (1002, 1007, 1009); the reason is all we need.
  socket.on("error", (error) => {
    refusal ??= error.message;
  });
  socket.on("close", (code, reason) => onClose(code, reason.toString()));

  const challenge = { nonce, ts: clock.now() };
  socket.send(JSON.stringify({ type: "event", event: "connect.challenge", payload: challenge }));

  function onFirstFrame(text: string): void {
    const parsed = parseRequest(text);
    if (parsed.kind !== "request") {
      refuse(CLOSE.policy, "invalid request frame");
    } else if (parsed.frame.method !== "connect") {
      const message = "invalid handshake: first request must be connect";
      refuseWith(parsed.frame, new GatewayError("INVALID_REQUEST", message), CLOSE.policy);
    } else {
      onConnect(parsed.frame);
    }
  }

  function onConnect(frame: RequestFrame): void {
    const origin = checkOrigin(request, services.perimeter);
    const result = handshake(
      { params: frame.params, nonce, address, origin, originHeader: request.headers.origin },
      services,
    );
    if (result.kind === "refused") {
      refuseWith(frame, result.error, result.closeCode);
      return;
    }

    const { params, principal } = result;
    input.raiseFrameLimit();
    settle();
    const facts = {
      id: connId,
      principal,
      caps: new Set(params.caps),
      address,
      displayName: params.client.displayName ?? params.client.id,
      stillAdmitted: () => isAdmitted(request, address, services.perimeter),
    };
    connection = new Connection(socket, facts, clock.monotonic);
    const joined = presence.joined(connection);
    connection.send(
      JSON.stringify({
        type: "res",
        id: frame.id,
        ok: true,
        payload: buildHello(connId, principal, services),
      }),
    );
    broadcast.add(connection);
    if (joined)
      broadcast.presence(presence.entries(), { presence: presence.version(), health: health.version() });
    log.debug("connected", {
      connId,
      client: principal.clientId,
      mode: principal.clientMode,
      ip: address.ip,
    });
  }

  function onRequest(to: Connection, text: string): void {
    to.heard();
    const parsed = parseRequest(text);
    if (parsed.kind === "request") return void dispatch(parsed.frame, to, services);
    const problem = parsed.kind === "not-json" ? "not JSON" : parsed.problem;
    const id = parsed.kind === "not-json" ? "invalid" : parsed.id;
    const error = new GatewayError("INVALID_REQUEST", `invalid request frame: ${problem}`);
    to.send(response(id, error.toWire()));
  }

  /** The structured answer goes first: the close reason is only a fallback. */
  function refuseWith(frame: RequestFrame, error: GatewayError, code: number): void {
    socket.send(response(frame.id, error.toWire()));
    refuse(code, error.message, String(error.extras.detail ?? ""));
  }

  function refuse(code: number, reason: string, detail = ""): void {
    refusal = reason;
    settle();
    log.warn("connect refused", {
      connId,
      ip: address.ip,
      code,
      reason,
      ...(detail && { detail }),
      agent: request.headers["user-agent"],
    });
    socket.close(code, closeReason(reason));
  }

  function settle(): void {
    deadline[Symbol.dispose]();
    input.onSettled();
  }

  /** A client may vanish like that once; behind a proxy, always after the same silence, it is the proxy's timeout. */
  function onBreak({ lastFrameAtMs }: Connection): void {
    const proxy = proxyOf(request, services.perimeter);
    if (proxy !== undefined)
      services.observed.socketBroke({ address: proxy, idleMs: clock.monotonic() - lastFrameAtMs });
  }

  function onClose(code: number, reason: string): void {
    settle();
    if (!connection) {
      log.debug("closed before hello", { connId, ip: address.ip, code, reason: reason || refusal });
      return;
    }
    broadcast.remove(connection);
    if (code === BROKE && connection.alive && !connection.isClosing()) onBreak(connection);
    if (presence.left(connection)) {
      broadcast.presence(presence.entries(), { presence: presence.version(), health: health.version() });
    }
    log.debug("connection closed", {
      connId,
      client: connection.principal.clientId,
      code,
      reason: reason || refusal,
    });
  }
}

/** What ws calls an end without a closing frame (RFC 6455 §7.1.5). */
const BROKE = 1006;

/** The same questions as at the upgrade, with the same answers. */
function isAdmitted(request: IncomingMessage, address: ClientAddress, perimeter: Perimeter): boolean {
  const attribution = attributeClient(request, perimeter);
  return (
    attribution.kind === "known" &&
    attribution.client.ip === address.ip &&
    attribution.client.localDirect === address.localDirect &&
    hostAllowed(request, perimeter, address) &&
    checkOrigin(request, perimeter) !== "denied"
  );
}

function response(id: string, error: WireError): string {
  return JSON.stringify({ type: "res", id, ok: false, error });
}
