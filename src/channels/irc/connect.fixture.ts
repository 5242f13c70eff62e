import { systemClock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { ConnectInput, Connection } from "../channel.ts";
import type { InboundMessage } from "../inbound.ts";
import type { OutgoingMessage } from "../outgoing.ts";
import { ircAccounts } from "./accounts.ts";
import channel from "./channel.ts";

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quietLog };

/** The one account a section describes. */
export const accountOf = (section: Record<string, unknown>) => ircAccounts(section, {})[0]!;

/** What a supervisor hands in, and what comes back by it. */
export interface Wiring {
  input: ConnectInput;
  received: InboundMessage[];
  memory: Map<string, string>;
  proofs(): number;
  warnings: string[];
  abort(): void;
}

export function wiring(
  port: number,
  section: Record<string, unknown> = {},
  over: Partial<ConnectInput> = {},
): Wiring {
  const received: InboundMessage[] = [];
  const memory = new Map<string, string>();
  const warnings: string[] = [];
  const stop = new AbortController();
  let proofs = 0;
  const log: Log = { ...quietLog, warn: (text) => void warnings.push(text) };
  const account = accountOf({
    host: "127.0.0.1",
    port,
    tls: false,
    nick: "bot",
    channels: ["#room"],
    flood: FAST,
    ...section,
  });
  return {
    received,
    memory,
    warnings,
    proofs: () => proofs,
    abort: () => stop.abort(new Error("stopped by the test")),
    input: {
      account,
      clock: systemClock,
      log,
      signal: stop.signal,
      onProof: () => void proofs++,
      receive: async (message) => void received.push(message),
      recall: (key) => memory.get(key),
      remember: (key, value) => void memory.set(key, value),
      ...over,
    },
  };
}

const FAST = { burst: 100, linesPerSecond: 1_000 };

/** A connection that ends with the test. */
export async function connected(
  port: number,
  section?: Record<string, unknown>,
  over?: Partial<ConnectInput>,
): Promise<Wiring & { connection: Connection } & AsyncDisposable> {
  const wired = wiring(port, section, over);
  const connection = await channel.connect(wired.input);
  return { ...wired, connection, [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose]() };
}

export const outgoing = (chatId: string, text: string): OutgoingMessage => ({
  clientId: "c1",
  chatId,
  text,
  plain: text,
});

export const unstopped = new AbortController().signal;
