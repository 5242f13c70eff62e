import type { WebSocket } from "ws";
import type { ClientAddress } from "../access/origin.ts";
import type { Principal } from "../access/principal.ts";
import type { StateVersion } from "../protocol/frames.ts";
import { CLOSE, closeReason, LIMITS } from "../protocol/limits.ts";

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
  /** Requests that have not been answered yet. */
  pending = 0;
  /** Consecutive `unauthorized role` answers. */
  roleRefusals = 0;
  /** Cleared by each ping, set by its pong. */
  alive = true;
  /** When something was last said in either direction; by `Clock.monotonic`. */
  lastFrameAtMs: number;
  readonly #socket: WebSocket;
  readonly #now: () => number;
  #seq = 0;
  #closing = false;

  constructor(
    socket: WebSocket,
    facts: Pick<Connection, "id" | "principal" | "caps" | "address" | "displayName" | "stillAdmitted">,
    now: () => number,
  ) {
    this.#socket = socket;
    this.#now = now;
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
      this.close(CLOSE.policy, "slow consumer");
      return;
    }
    this.#socket.send(frame);
    this.heard();
  }

  heard(): void {
    this.lastFrameAtMs = this.#now();
  }

  /** A broadcast event: takes the connection's next sequence number. `payload` is JSON, made once for all. */
  sendEvent(event: string, payload: string, stateVersion?: StateVersion): void {
    this.#seq++;
    const version = stateVersion ? `,"stateVersion":${JSON.stringify(stateVersion)}` : "";
    this.send(`{"type":"event","event":"${event}","payload":${payload},"seq":${this.#seq}${version}}`);
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
