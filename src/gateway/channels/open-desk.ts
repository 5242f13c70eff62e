import { openSenders } from "../../access/senders/senders.ts";
import type { Channel, ChannelAccount } from "../../channels/channel.ts";
import { CHANNELS } from "../../channels/channels.gen.ts";
import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Env } from "../../platform/env.ts";
import type { LogSink } from "../../platform/log.ts";
import type { Paths } from "../../platform/paths.ts";
import { GatewayError } from "../../protocol/errors.ts";
import { openOutbox } from "../../sessions/outbox.ts";
import type { TurnServices } from "../../turn/services.ts";
import type { AccountStatus, ChannelDesk } from "./desk.ts";

export interface DeskInput {
  clock: Clock;
  env: Env;
  paths: Paths;
  sink: LogSink;
  turns: TurnServices;
  config(): Config;
  /** For tests; the generated list otherwise. */
  channels?: readonly Channel[];
}

export function openChannelDesk(input: DeskInput): ChannelDesk {
  const { clock, env, paths, sink, turns, config, channels = CHANNELS } = input;
  const log = sink.log.child("channels");
  const outbox = openOutbox(turns.store.database, clock);
  const senders = openSenders({
    path: paths.sendersDb,
    clock,
    onSetAside: (path, cause) =>
      log.error(`the database of approved senders was damaged and set aside: ${path}`, { error: cause }),
  });

  function configured(): { channel: Channel; account: ChannelAccount }[] {
    const sections = config().channels ?? {};
    return Object.entries(sections).flatMap(([id, section]) => {
      const channel = channels.find((candidate) => candidate.id === id);
      return channel
        ? channel.accounts(section, env.variables()).map((account) => ({ channel, account }))
        : [];
    });
  }

  function statusOf({ channel, account }: { channel: Channel; account: ChannelAccount }): AccountStatus {
    return {
      channel: channel.id,
      label: channel.label,
      accountId: account.accountId,
      ...(account.name !== undefined && { name: account.name }),
      enabled: account.enabled,
      configured: account.missing === undefined,
      state: "stopped",
      reconnects: 0,
      outbox: outbox.counts(channel.id, account.accountId),
    };
  }

  const notYet = () => new GatewayError("UNAVAILABLE", "channels are not connected");
  return {
    senders,
    outbox,
    pump() {},
    accounts: () => configured().map(statusOf),
    async probe() {
      return new Map();
    },
    async start() {
      throw notYet();
    },
    async stop() {
      throw notYet();
    },
    async send() {
      throw notYet();
    },
    async react() {
      throw notYet();
    },
    capabilities: (id) => channels.find((channel) => channel.id === id)?.capabilities,
    async [Symbol.asyncDispose]() {
      senders[Symbol.dispose]();
    },
  };
}
