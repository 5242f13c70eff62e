import { openSenders } from "../../access/senders/senders.ts";
import type { Channel } from "../../channels/channel.ts";
import { CHANNELS } from "../../channels/channels.gen.ts";
import { type AccountKey, type ConfiguredAccount, openOutlets } from "../../channels/outlets.ts";
import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Env } from "../../platform/env.ts";
import type { Failpoints } from "../../platform/failpoints.ts";
import type { LogSink } from "../../platform/log.ts";
import type { Paths } from "../../platform/paths.ts";
import { openInbox } from "../../sessions/inbound.ts";
import { openOutbox } from "../../sessions/outbox.ts";
import { CHAT_COMMANDS } from "../../turn/commands.gen.ts";
import type { TurnServices } from "../../turn/services.ts";
import type { SafeMode } from "../safe-mode.ts";
import { type Account, openAccount } from "./account.ts";
import { configuredAccounts } from "./configured.ts";
import type { AccountStatus, ChannelDesk } from "./desk.ts";
import { openManualSend } from "./manual-send.ts";
import { probeAccounts } from "./probe.ts";
import { requireAccounts } from "./require.ts";

export interface DeskInput {
  clock: Clock;
  env: Env;
  paths: Paths;
  sink: LogSink;
  turns: TurnServices;
  safeMode: SafeMode | undefined;
  failpoint: Failpoints["hit"];
  config(): Config;
  /** Something that people see of the channels is different. */
  onChange(): void;
  /** For tests; the generated list otherwise. */
  channels?: readonly Channel[];
  random?: () => number;
}

const PRUNE_EVERY_MS = 3_600_000;

/** Opens what every account needs; connections are opened by `apply`. */
export function openChannelDesk(input: DeskInput): ChannelDesk & { apply(): Promise<void> } {
  const {
    clock,
    env,
    paths,
    sink,
    turns,
    safeMode,
    config,
    channels = CHANNELS,
    random = Math.random,
  } = input;
  const log = sink.log.child("channels");
  const { database } = turns.store;
  const outbox = openOutbox(database, clock);
  const inbox = openInbox(database, clock);
  const interrupted = outbox.recover();
  if (interrupted > 0)
    log.info("messages were being sent when the gateway ended; it is looked up whether they arrived", {
      interrupted,
    });
  const senders = openSenders({
    path: paths.sendersDb,
    clock,
    onSetAside: (path, cause) =>
      log.error(`the database of approved senders was damaged and set aside: ${path}`, { error: cause }),
  });

  const accounts = new Map<string, Account>();
  const manual = openManualSend({ clock, outbox, pump });
  const outlets = openOutlets({
    clock,
    random,
    held: () =>
      safeMode?.active()
        ? { reason: "safe mode: the gateway crashed several times in a row", fix: "openclaw channels start" }
        : undefined,
    parts(configured) {
      const account = accountOf(configured);
      for (const secret of configured.account.secrets) sink.addSecret(secret);
      return {
        log: sink.log.child(configured.channel.id),
        receive: account.receive,
        recall: account.memory.recall,
        remember: account.memory.remember,
        commands: CHAT_COMMANDS,
      };
    },
    onChange(key) {
      accounts.get(nameOf(key))?.pump.poke();
      input.onChange();
    },
  });
  const prune = clock.every(PRUNE_EVERY_MS, () => {
    outbox.prune();
    inbox.prune();
  });
  void safeMode?.over.then(apply);

  function accountOf(configured: ConfiguredAccount): Account {
    const { channel, account } = configured;
    const key = { channel: channel.id, accountId: account.accountId };
    const known = accounts.get(nameOf(key));
    if (known) return known;
    const opened = openAccount({
      ...{ configured, clock, turns, inbox, outbox, senders, config, random },
      log: sink.log.child(channel.id),
      failpoint: input.failpoint,
      connection: () => outlets.find(key)?.connection(),
      onSent: () => outlets.find(key)?.noteOutbound(),
      onChange(row) {
        manual.settled(row);
        input.onChange();
      },
    });
    accounts.set(nameOf(key), opened);
    return opened;
  }

  function configured(): ConfiguredAccount[] {
    return configuredAccounts(config(), channels, env.variables());
  }

  function statusOf(one: ConfiguredAccount): AccountStatus {
    const { channel, account } = one;
    return {
      channel: channel.id,
      label: channel.label,
      accountId: account.accountId,
      ...(account.name !== undefined && { name: account.name }),
      enabled: account.enabled,
      configured: account.missing === undefined,
      ...outlets.status(one),
      outbox: outbox.counts(channel.id, account.accountId),
    };
  }

  async function apply(): Promise<void> {
    const wanted = configured();
    const names = new Set(wanted.map((one) => nameOf(keyOf(one))));
    await outlets.apply(wanted);
    for (const [name, account] of accounts) {
      if (names.has(name)) continue;
      accounts.delete(name);
      await account[Symbol.asyncDispose]();
    }
  }

  function pump(): void {
    for (const account of accounts.values()) account.pump.poke();
  }

  async function steer(
    act: (key: AccountKey) => Promise<void>,
    channel: string,
    accountId: string | undefined,
  ): Promise<AccountStatus[]> {
    const chosen = requireAccounts(configured(), channel, accountId);
    await Promise.all(chosen.map((one) => act(keyOf(one))));
    return chosen.map(statusOf);
  }

  return {
    senders,
    outbox,
    apply,
    pump,
    accounts: () => configured().map(statusOf),
    async probe(filter, timeoutMs) {
      const found = configured().filter(
        ({ channel, account }) =>
          (filter.channel === undefined || channel.id === filter.channel) &&
          (filter.accountId === undefined || account.accountId === filter.accountId),
      );
      return await probeAccounts(found, { clock, log, timeoutMs, statusOf });
    },
    start: (channel, accountId) => steer(outlets.start, channel, accountId),
    stop: (channel, accountId) => steer(outlets.stop, channel, accountId),
    async send(request, waitMs) {
      const one = requireAccounts(configured(), request.channel, request.accountId)[0]!;
      // Also of an account that is not running: then it waits on disk.
      accountOf(one);
      return await manual.send(request, one.account.accountId, waitMs, () => outlets.status(one));
    },
    async react({ channel, accountId, to, messageId, emoji }) {
      const one = requireAccounts(configured(), channel, accountId)[0]!;
      await manual.react(outlets.find(keyOf(one))?.connection(), one, { chatId: to, messageId }, emoji);
    },
    capabilities: (id) => channels.find((channel) => channel.id === id)?.capabilities,
    webhookAt: (path) =>
      configured()
        .map((one) => outlets.find(keyOf(one))?.connection()?.webhook)
        .find((webhook) => webhook?.path === path),
    async [Symbol.asyncDispose]() {
      prune[Symbol.dispose]();
      // What is being sent comes to its end while the connections are still there.
      await Promise.allSettled([...accounts.values()].map((account) => account[Symbol.asyncDispose]()));
      await outlets[Symbol.asyncDispose]();
      senders[Symbol.dispose]();
    },
  };
}

function keyOf({ channel, account }: ConfiguredAccount): AccountKey {
  return { channel: channel.id, accountId: account.accountId };
}

function nameOf({ channel, accountId }: AccountKey): string {
  return `${channel}:${accountId}`;
}
