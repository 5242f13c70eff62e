import type { WebSocket } from "ws";
import type { ClientAddress } from "../access/origin.ts";
import type { Principal } from "../access/principal.ts";
import { GatewayError } from "../protocol/errors.ts";
import type { RequestFrame, StateVersion } from "../protocol/frames.ts";
import { CLOSE, closeReason, LIMITS } from "../protocol/limits.ts";
import type { Outflow } from "./outflow.ts";

/** One authenticated client. Everything it may see is decided in broadcast.ts, never here. */
export class Connection {
  readonly id: string;
  readonly principal: Principal;
  readonly caps: ReadonlySet<string>;
  readonly address: ClientAddress;
  readonly displayName: string;
  /** Whether the address and origin it came with would still be let in. */
  readonly stillAdmitted: () => boolean;
  /** After `sessions.subscribe`. */
  watchesSessions = false;
  /** Keys of `sessions.messages.subscribe`. */
  readonly watchedKeys = new BoundedSet(200);
  /** Sessions in which this client started a run. */
  readonly ownKeys = new BoundedSet(200);
  /** While the method of a request is loaded, those behind it wait for their turn. */
  loading: Promise<unknown> | undefined;
  /** Requests that have not been answered yet. */
  readonly pending = new Set<RequestFrame>();
  /** Consecutive `unauthorized role` answers. */
  roleRefusals = 0;
  /** Cleared by each ping, set by its pong. */
  alive = true;
  /** When something was last said in either direction; by `Clock.monotonic`. */
  lastFrameAtMs: number;
  readonly #socket: WebSocket;
  readonly #now: () => number;
  readonly #outflow: Outflow;
  /** Told once, when it is closed for that. */
  readonly #onSlow: (unreadBytes: number) => void;
  #seq = 0;
  #closing = false;
  /** Unread bytes as last told to `#outflow`. */
  #unread = 0;
  /** Events in a row that were left out because the client does not read. */
  #skipped = 0;
  /** Made when somebody asks: most connections never need it. */
  #ended: AbortController | undefined;
  #isGone = false;

  constructor(
    socket: WebSocket,
    facts: Pick<Connection, "id" | "principal" | "caps" | "address" | "displayName" | "stillAdmitted">,
    { now, outflow, onSlow }: { now: () => number; outflow: Outflow; onSlow(unreadBytes: number): void },
  ) {
    this.#socket = socket;
    this.#now = now;
    this.#outflow = outflow;
    this.#onSlow = onSlow;
    this.lastFrameAtMs = now();
    this.id = facts.id;
    this.principal = facts.principal;
    this.caps = facts.caps;
    this.address = facts.address;
    this.displayName = facts.displayName;
    this.stillAdmitted = facts.stillAdmitted;
  }

  /** `frame` is complete JSON. A client that does not read is closed before it costs memory. */
  send(frame: string): void {
    if (this.#socket.bufferedAmount > LIMITS.maxBufferedBytes) {
      this.#tooSlow(CLOSE.policy, "slow consumer");
      return;
    }
    this.#socket.send(frame);
    this.heard();
  }

  heard(): void {
    this.lastFrameAtMs = this.#now();
  }

  /**
   * A broadcast event: takes the connection's next sequence number. One that a slow client has no room for is left
   * out; the gap in the numbers tells it to ask anew (DOS-10).
   */
  sendEvent(event: string, payload: EventPayload, stateVersion?: StateVersion): void {
    this.#seq++;
    if (event !== "shutdown" && this.#isBehind()) return;
    const version = stateVersion ? `,"stateVersion":${JSON.stringify(stateVersion)}` : "";
    const head = `{"type":"event","event":"${event}","payload":`;
    const tail = `,"seq":${this.#seq}${version}}`;
    if (!payload.isLarge && this.#unread === 0) {
      this.send(head + payload.json + tail);
      return;
    }
    // One message in three fragments (RFC 6455 §5.4): a thousand clients that do not read hold these bytes once.
    this.#socket.send(head, { fin: false });
    this.#socket.send(payload.bytes, { binary: false, fin: false });
    this.#socket.send(tail, { fin: true });
    this.heard();
  }

  #isBehind(): boolean {
    this.#report(this.#socket.bufferedAmount);
    if (this.#unread <= this.#outflow.budget()) {
      this.#skipped = 0;
      return false;
    }
    if (++this.#skipped > LIMITS.skippedEvents)
      this.#tooSlow(CLOSE.tryLater, "slow consumer: events are not read");
    return true;
  }

  #tooSlow(code: number, reason: string): void {
    if (!this.#closing) this.#onSlow(this.unreadBytes);
    this.close(code, reason);
  }

  /** Sent and not yet taken by the client's side. */
  get unreadBytes(): number {
    return this.#socket.bufferedAmount;
  }

  #report(unread: number): void {
    this.#outflow.add(unread - this.#unread);
    this.#unread = unread;
  }

  /** The socket is gone; what it had not read does not count any more. */
  gone(): void {
    this.#report(0);
    this.#isGone = true;
    this.#ended?.abort(new Error("the client went away"));
  }

  /** Aborts when the socket is gone, for whoever works for this client alone. */
  get ended(): AbortSignal {
    this.#ended ??= new AbortController();
    if (this.#isGone) this.#ended.abort();
    return this.#ended.signal;
  }

  /**
   * The right this client had is over. At once nothing it sends is heard; what it waits for is refused as soon as the
   * answer to the request that caused this is out.
   */
  revoke(code: number, reason: string): void {
    this.#closing = true;
    setImmediate(() => {
      const error = new GatewayError("FORBIDDEN", reason, { detail: "CLIENT_REVOKED" }).toWire();
      for (const { id } of this.pending) this.send(JSON.stringify({ type: "res", id, ok: false, error }));
      this.#socket.close(code, closeReason(reason));
    });
  }

  /** From here on nothing this client sends is heard, although its side of the socket may stay open for a while. */
  close(code: number, reason: string): void {
    this.#closing = true;
    this.#socket.close(code, closeReason(reason));
  }

  isClosing(): boolean {
    return this.#closing;
  }

  ping(): void {
    if (!this.alive) {
      this.#socket.terminate();
      return;
    }
    this.alive = false;
    this.#socket.ping();
    this.heard();
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

const LARGE_CHARS = 4_096;

/** What an event tells, written once for all who get it. */
export class EventPayload {
  readonly json: string;
  #bytes: Buffer | undefined;

  constructor(payload: unknown) {
    this.json = JSON.stringify(payload);
  }

  get isLarge(): boolean {
    return this.json.length >= LARGE_CHARS;
  }

  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(this.json);
    return this.#bytes;
  }
}

/** Remembers the newest `limit` values. */
export class BoundedSet {
  readonly #values = new Set<string>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(value: string): void {
    this.#values.delete(value);
    this.#values.add(value);
    if (this.#values.size > this.#limit) this.#values.delete(this.#values.values().next().value!);
  }

  has(value: string): boolean {
    return this.#values.has(value);
  }

  delete(value: string): void {
    this.#values.delete(value);
  }
}
