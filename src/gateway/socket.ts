import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { RawData, WebSocket } from "ws";
import {
  attributeClient,
  type ClientAddress,
  checkOrigin,
  hostAllowed,
  type OriginVerdict,
  type Perimeter,
  proxyOf,
} from "../access/origin.ts";
import { pairingCloseReason } from "../access/pairing-required.ts";
import { GatewayError, toGatewayError, type WireError } from "../protocol/errors.ts";
import { parseRequest, type RequestFrame } from "../protocol/frames.ts";
import { CLOSE, closeReason, LIMITS } from "../protocol/limits.ts";
import { advice } from "./close-advice.ts";
import { Connection } from "./connection.ts";
import { type ConnectOutcome, decideConnect } from "./decide-connect.ts";
import { dispatch } from "./dispatch.ts";
import { checkConnect, type HandshakeInput } from "./handshake.ts";
import { buildHello } from "./hello.ts";
import type { GatewayServices } from "./services.ts";

export interface SocketInput {
  socket: WebSocket;
  request: IncomingMessage;
  address: ClientAddress;
  /** Came by the socket of the state folder. */
  owner: boolean;
  handshakeTimeoutMs: number;
  /** Lifts the pre-auth frame limit of this socket. */
  raiseFrameLimit(): void;
  /** The socket no longer counts as unauthenticated. */
  onSettled(): void;
}

/** What a socket is waiting for. */
type Phase = "challenge" | "deciding" | "open" | "refused";

/** One socket from challenge to close (protocol.md §1.3). */
export function serveSocket(input: SocketInput, services: GatewayServices): void {
  const { socket, request, address, owner } = input;
  const { clock, sink, broadcast, presence, health, outflow } = services;
  const log = sink.log.child("ws");
  const connId = randomUUID();
  const nonce = randomUUID();
  let phase: Phase = "challenge";
  let connection: Connection | undefined;
  let refusal: string | undefined;
  let client = String(request.headers["user-agent"] ?? "");
  const early: string[] = [];

  const deadline = clock.after(input.handshakeTimeoutMs, () => refuse(CLOSE.policy, "connect timeout"));
  const controlFrames = countPerSecond(() => refuse(CLOSE.policy, "too many control frames"));

  socket.on("message", (data: RawData) => {
    switch (phase) {
      case "challenge":
        return onFirstFrame(data.toString());
      case "deciding":
        if (early.push(data.toString()) > LIMITS.handshakeFrames)
          refuse(CLOSE.policy, "too many pending handshake frames");
        return;
      case "open":
        if (!connection!.isClosing()) onRequest(connection!, data.toString());
        return;
      case "refused":
        return;
    }
  });
  socket.on("ping", controlFrames);
  socket.on("pong", () => {
    controlFrames();
    if (connection) connection.alive = true;
  });
  // ws closes the socket itself after a protocol violation (1002, 1007, 1009); the reason is all we need.
  socket.on("error", (error) => {
    refusal ??= error.message;
    if ("code" in error && error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH")
      services.stability.ring.record("payload.large", { surface: "ws", conn: connId });
  });
  socket.on("close", (code, reason) => onClose(code, reason.toString()));

  const challenge = { nonce, ts: clock.now() };
  socket.send(JSON.stringify({ type: "event", event: "connect.challenge", payload: challenge }));

  function countPerSecond(onTooMany: () => void): () => void {
    let count = 0;
    let endsAt = 0;
    return () => {
      const now = clock.monotonic();
      if (now >= endsAt) [count, endsAt] = [0, now + 1_000];
      if (++count > LIMITS.controlFramesPerSecond && phase !== "refused") onTooMany();
    };
  }

  function onFirstFrame(text: string): void {
    const parsed = parseRequest(text);
    if (parsed.kind !== "request") {
      refuse(CLOSE.policy, "invalid request frame");
    } else if (parsed.frame.method !== "connect") {
      const message = "invalid handshake: first request must be connect";
      refuseWith(parsed.frame, new GatewayError("INVALID_REQUEST", message), 0);
    } else {
      phase = "deciding";
      const origin: OriginVerdict = owner ? "absent" : checkOrigin(request, services.perimeter);
      const { params } = parsed.frame;
      client = clientOf(params) ?? client;
      void decide(parsed.frame, { params, nonce, request, address, origin, owner });
    }
  }

  async function decide(frame: RequestFrame, handshake: HandshakeInput): Promise<void> {
    let outcome: ConnectOutcome;
    try {
      const checked = await checkConnect(handshake, services);
      if (phase !== "deciding") return;
      outcome = decideConnect(handshake, checked, services);
      if (outcome.kind === "welcome") return welcome(frame, checked.params, outcome);
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.message === "internal error")
        sink.log.error("connect failed", { connId, error: error.extras.cause });
      outcome = { kind: "refused", error, delayMs: 0 };
    }
    if (phase === "deciding") refuseWith(frame, outcome.error, outcome.delayMs);
  }

  function welcome(
    frame: RequestFrame,
    params: { caps: readonly string[]; client: { displayName?: string; id: string } },
    { principal, issued }: ConnectOutcome & { kind: "welcome" },
  ): void {
    phase = "open";
    input.raiseFrameLimit();
    settle();
    const facts = {
      id: connId,
      principal,
      caps: new Set(params.caps),
      address,
      displayName: params.client.displayName ?? params.client.id,
      stillAdmitted: () => owner || isAdmitted(request, address, services.perimeter),
    };
    connection = new Connection(socket, facts, { now: clock.monotonic, outflow, onSlow });
    const joined = presence.joined(connection);
    connection.send(
      JSON.stringify({
        type: "res",
        id: frame.id,
        ok: true,
        payload: buildHello(connId, { principal, issued }, services),
      }),
    );
    broadcast.add(connection);
    if (joined)
      broadcast.presence(presence.entries(), { presence: presence.version(), health: health.version() });
    log.debug("connected", {
      conn: connId,
      client: principal.clientId,
      mode: principal.clientMode,
      auth: principal.method,
      ip: address.ip,
    });
    for (const text of early.splice(0)) if (!connection.isClosing()) onRequest(connection, text);
  }

  function onSlow(unreadBytes: number): void {
    services.stability.ring.record("client.slow", { conn: connId, client, unreadBytes });
    log.warn("client closed: it does not read what it is sent", {
      conn: connId,
      client,
      ip: address.ip,
      unreadBytes,
      fix: "it may connect again; events it missed are not sent again",
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
  function refuseWith(frame: RequestFrame, error: GatewayError, delayMs: number): void {
    // From here on it holds no place of others, however long its answer takes.
    settle();
    phase = "refused";
    const answer = () => {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(response(frame.id, error.toWire()));
      const reason = error.extras.detail === "PAIRING_REQUIRED" ? pairingCloseReason(error) : error.message;
      close(closeCodeOf(error), reason, String(error.extras.detail ?? ""));
    };
    if (delayMs > 0) clock.after(delayMs, answer);
    else answer();
  }

  function refuse(code: number, reason: string): void {
    settle();
    if (connection) connection.close(code, reason);
    else close(code, reason, "");
    phase = "refused";
  }

  function close(code: number, reason: string, detail: string): void {
    refusal = reason;
    if (/^(AUTH|DEVICE)_/.test(detail)) services.stability.counters.add("auth_failures", ["ws", detail]);
    services.refusals.note(`${address.ip} ${detail || reason}`, "connect refused", {
      conn: connId,
      client,
      ip: address.ip,
      code,
      reason,
      ...(detail && { detail }),
      fix: advice(code, detail, reason),
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
    if (connection) {
      connection.gone();
      broadcast.remove(connection);
      if (code === BROKE && connection.alive && !connection.isClosing()) onBreak(connection);
      if (presence.left(connection))
        broadcast.presence(presence.entries(), { presence: presence.version(), health: health.version() });
    }
    const said = {
      conn: connId,
      phase: connection ? "open" : phase === "refused" ? "refused" : "connect",
      client,
      code,
      reason: reason || refusal,
    };
    // Browsers may not say 1008, so a page that was refused says 4008 and 4013; what it was refused for is above.
    if (code === GAVE_UP || code === GAVE_UP_LATER)
      log.info(`connection closed: ${code} ${reason || "connect failed"}`, {
        ...said,
        ...(refusal !== undefined && { refused: refusal }),
        fix: advice(code, "", reason),
      });
    else log.debug("connection closed", said);
    phase = "refused";
  }
}

/** What ws calls an end without a closing frame (RFC 6455 §7.1.5). */
const BROKE = 1006;
/** What web clients close with after a refused connect (protocol.md §1.5). */
const GAVE_UP = 4008;
const GAVE_UP_LATER = 4013;

function closeCodeOf(error: GatewayError): number {
  if (error.extras.detail === "PROTOCOL_MISMATCH") return CLOSE.protocolMismatch;
  return error.code === "UNAVAILABLE" ? CLOSE.tryLater : CLOSE.policy;
}

/** For the log only. */
function clientOf(params: unknown): string | undefined {
  const id = (params as { client?: { id?: unknown } } | null | undefined)?.client?.id;
  return typeof id === "string" ? id.slice(0, 64) : undefined;
}

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
