import { openSenders, type SenderStore } from "../../src/access/senders/senders.ts";
import type { Capabilities, ProbeResult } from "../../src/channels/channel.ts";
import type {
  AccountStatus,
  ChannelDesk,
  SendReceipt,
  SendRequest,
} from "../../src/gateway/channels/desk.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { GatewayError } from "../../src/protocol/errors.ts";
import { type Outbox, openOutbox } from "../../src/sessions/outbox.ts";
import type { TestGateway } from "./gateway.ts";

/** Channels moved by hand: their stores are the real ones, what a platform would say is said by the test. */
export interface HandDesk {
  accounts: AccountStatus[];
  /** By channel and account id, a blank between. */
  probes: Map<string, ProbeResult>;
  /** What becomes of the next messages; the last one stays. */
  fates: ((request: SendRequest) => SendReceipt)[];
  sent: SendRequest[];
  reactions: unknown[];
  pumped: number;
  senders: SenderStore;
  outbox: Outbox;
}

const CAPABILITIES: Capabilities = {
  ...{ chats: ["direct", "group"], maxTextLength: 4_096, edit: true, react: true, typing: true, reply: true },
  ...{ maxUploadBytes: 1_000_000, maxDownloadBytes: 1_000_000, nativeCommands: true, exclusive: true },
};

export function account(more: Partial<AccountStatus> = {}): AccountStatus {
  return {
    ...{ channel: "telegram", label: "Telegram", accountId: "default", enabled: true, configured: true },
    ...{ state: "live", reconnects: 0, outbox: { queued: 0, unknown: 0, failed: 0 } },
    ...more,
  };
}

/** Puts it into the place of the gateway's own. */
export function handDesk(gateway: TestGateway, accounts: AccountStatus[] = [account()]): HandDesk {
  const { services } = gateway.running;
  const hand: HandDesk = {
    ...{ accounts, probes: new Map(), sent: [], reactions: [], pumped: 0 },
    fates: [({ idempotencyKey }) => ({ kind: "sent", outboxId: idempotencyKey, messageIds: ["42"] })],
    senders: openSenders({ path: services.paths.sendersDb, clock: systemClock, onSetAside() {} }),
    outbox: openOutbox(services.turns.store.database, systemClock),
  };
  const own = (channel: string, accountId?: string) => {
    const found = hand.accounts.filter(
      (each) => each.channel === channel && (accountId === undefined || each.accountId === accountId),
    );
    if (found.length === 0) throw new GatewayError("INVALID_REQUEST", `unknown channel: ${channel}`);
    return found;
  };
  const turn = (state: AccountStatus["state"]) => async (channel: string, accountId?: string) => {
    for (const each of own(channel, accountId)) each.state = state;
    return own(channel, accountId);
  };
  const desk: ChannelDesk = {
    ...{ senders: hand.senders, outbox: hand.outbox },
    pump() {
      hand.pumped++;
    },
    webhookAt: () => undefined,
    accounts: () => hand.accounts,
    probe: async ({ channel }) =>
      new Map(
        hand.accounts.flatMap((each) => {
          const result = hand.probes.get(`${each.channel} ${each.accountId}`);
          return result && (channel === undefined || each.channel === channel)
            ? [[each, result] as const]
            : [];
        }),
      ),
    start: turn("live"),
    stop: turn("stopped"),
    async send(request) {
      hand.sent.push(request);
      const [fate] = hand.fates.length > 1 ? hand.fates.splice(0, 1) : hand.fates;
      return fate!(request);
    },
    async react(request) {
      hand.reactions.push(request);
    },
    capabilities: (channel) => (channel === "telegram" ? CAPABILITIES : undefined),
    async [Symbol.asyncDispose]() {},
  };
  const theirs = services.channels;
  Object.assign(services, {
    channels: {
      open: async () => desk,
      peek: () => desk,
      async [Symbol.asyncDispose]() {
        hand.senders[Symbol.dispose]();
        await theirs[Symbol.asyncDispose]();
      },
    },
  });
  return hand;
}
