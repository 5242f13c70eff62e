import type { SenderStore } from "../../access/senders/senders.ts";
import type { Connection } from "../../channels/channel.ts";
import type { InboundMessage } from "../../channels/inbound.ts";
import type { ConfiguredAccount } from "../../channels/outlets.ts";
import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Failpoints } from "../../platform/failpoints.ts";
import type { Log } from "../../platform/log.ts";
import { type AccountMemory, type Inbox, openAccountMemory } from "../../sessions/inbound.ts";
import type { Outbox, OutboxRow } from "../../sessions/outbox.ts";
import { openGrowing } from "../../turn/chat/growing.ts";
import { type ChatPolicy, chatPolicy } from "../../turn/chat/policy.ts";
import { openPump, type Pump } from "../../turn/chat/pump.ts";
import { openReceiver } from "../../turn/chat/receive.ts";
import { openTyping } from "../../turn/chat/typing.ts";
import type { TurnServices } from "../../turn/services.ts";

export interface AccountInput {
  configured: ConfiguredAccount;
  clock: Clock;
  log: Log;
  turns: TurnServices;
  inbox: Inbox;
  outbox: Outbox;
  senders: SenderStore;
  config(): Config;
  failpoint: Failpoints["hit"];
  random(): number;
  connection(): Connection | undefined;
  onSent(): void;
  onChange(row: OutboxRow): void;
}

/** What one account does with what comes in and goes out. It outlives the connections. */
export interface Account extends AsyncDisposable {
  readonly memory: AccountMemory;
  readonly pump: Pump;
  receive(message: InboundMessage): Promise<void>;
}

export function openAccount(input: AccountInput): Account {
  const { configured, clock, log, turns, inbox, outbox, senders, config, connection } = input;
  const { channel, account } = configured;
  const { accountId } = account;
  const stop = new AbortController();
  const pump = openPump({ ...input, channel, accountId });
  const typing = openTyping(clock, connection);
  const growing = openGrowing({ channel, clock, connection });
  const policy = policyInForce();

  function policyInForce(): () => ChatPolicy {
    let of: Config | undefined;
    let current: ChatPolicy;
    return () => {
      const now = config();
      if (of !== now) {
        of = now;
        current = chatPolicy(now, channel.id, accountId);
        for (const problem of current.problems) log.warn(problem, { account: accountId });
      }
      return current;
    };
  }
  policy();

  const receive = openReceiver({
    channel,
    accountId,
    services: turns,
    inbox,
    outbox,
    senders,
    log,
    policy,
    config,
    onQueued: pump.poke,
    signal: stop.signal,
    accompany(to) {
      const shown = typing.begin(to);
      const text = growing.begin(to, policy().streamMode);
      return {
        ...text,
        ended() {
          shown[Symbol.dispose]();
          text.ended();
        },
      };
    },
  });

  return {
    pump,
    memory: openAccountMemory(turns.store.database, clock, { channel: channel.id, accountId }),
    receive,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the account is stopped"));
      await pump[Symbol.asyncDispose]();
    },
  };
}
