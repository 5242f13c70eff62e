import type { ConnectInput, Connection } from "../../../src/channels/channel.ts";
import type { InboundMessage } from "../../../src/channels/inbound.ts";
import type { OutgoingMessage, SendResult } from "../../../src/channels/outgoing.ts";
import telegram from "../../../src/channels/telegram/channel.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { nullLog } from "../../../src/platform/log.ts";
import { until } from "../until.ts";
import { type FakeTelegram, type FakeTelegramOptions, openFakeTelegram } from "./server.ts";

/** A fake platform, one account on it, and what came of it. Kept values outlive a connection, as the gateway keeps them. */
export interface TelegramFixture extends AsyncDisposable {
  fake: FakeTelegram;
  kept: Map<string, string>;
  received: InboundMessage[];
  proofs(): number;
  lines: string[];
  /** Set to let `receive` fail. */
  storage: { fails: boolean };
  open(section?: Record<string, unknown>): Promise<Connection>;
  input(section?: Record<string, unknown>): ConnectInput;
}

export async function openTelegramFixture(options: FakeTelegramOptions = {}): Promise<TelegramFixture> {
  const fake = await openFakeTelegram(options);
  const stop = new AbortController();
  const kept = new Map<string, string>();
  const received: InboundMessage[] = [];
  const open: Connection[] = [];
  const lines: string[] = [];
  const storage = { fails: false };
  let proofs = 0;
  const line = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const log = { ...nullLog(), info: line("info"), warn: line("warn"), error: line("error") };

  const input = (section: Record<string, unknown> = {}): ConnectInput => ({
    account: telegram.accounts({ botToken: fake.token, apiRoot: fake.apiRoot, ...section }, {})[0]!,
    clock: systemClock,
    log,
    signal: stop.signal,
    onProof: () => void proofs++,
    async receive(message) {
      if (storage.fails) throw new Error("the disk is full");
      received.push(message);
    },
    recall: (key) => kept.get(key),
    remember: (key, value) => void kept.set(key, value),
    commands: [{ name: "new", description: "Begin a new conversation" }],
  });

  return {
    fake,
    kept,
    received,
    lines,
    storage,
    proofs: () => proofs,
    input,
    async open(section) {
      const connection = await telegram.connect(input(section));
      open.push(connection);
      return connection;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(open.map((connection) => connection[Symbol.asyncDispose]()));
      await fake[Symbol.asyncDispose]();
    },
  };
}

let sent = 0;

export const outgoing = (
  chatId: string,
  text: string,
  more: Partial<OutgoingMessage> = {},
): OutgoingMessage => ({
  clientId: `m${++sent}`,
  chatId,
  text,
  plain: text,
  ...more,
});

export const never = (): AbortSignal => new AbortController().signal;

export const idOf = (result: SendResult): number =>
  result.kind === "sent" ? Number(result.messageId) : Number.NaN;

export const nth = (messages: readonly InboundMessage[], count: number): Promise<InboundMessage> =>
  until(`${count} messages`, () => messages[count - 1]);
