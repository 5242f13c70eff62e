import type { Channel, ChannelAccount } from "./channel.ts";
import { type Outlet, type OutletInput, type OutletStatus, openOutlet } from "./outlet.ts";

export interface AccountKey {
  channel: string;
  accountId: string;
}

export interface ConfiguredAccount {
  channel: Channel;
  account: ChannelAccount;
}

export interface OutletsInput extends Pick<OutletInput, "clock" | "random"> {
  /** What one account is opened with besides. */
  parts(
    configured: ConfiguredAccount,
  ): Pick<OutletInput, "log" | "receive" | "recall" | "remember" | "commands">;
  /** Why nothing is opened for now, e.g. safe mode. */
  held(): { reason: string; fix: string } | undefined;
  /** Must not throw. */
  onChange(key: AccountKey): void;
}

/** The running connections of all accounts. Each lives and fails for itself. */
export interface Outlets extends AsyncDisposable {
  /** Makes it so: accounts that differ are opened anew, others are not touched. */
  apply(accounts: readonly ConfiguredAccount[]): Promise<void>;
  /** By hand; overrides what is held and what was stopped, and opens what is parked anew. */
  start(key: AccountKey): Promise<void>;
  /** Until `start`. */
  stop(key: AccountKey): Promise<void>;
  find(key: AccountKey): Outlet | undefined;
  status(configured: ConfiguredAccount): OutletStatus;
}

export function openOutlets(input: OutletsInput): Outlets {
  const outlets = new Map<string, Outlet>();
  /** What a person said about an account; a change of its settings does not take it back. */
  const byHand = new Map<string, "started" | "stopped">();
  let accounts = new Map<string, ConfiguredAccount>();
  let closed = false;
  let applying: Promise<void> = Promise.resolve();

  function notRunning(
    configured: ConfiguredAccount,
  ): Pick<OutletStatus, "state" | "reason" | "fix"> | undefined {
    const { channel, account } = configured;
    const said = byHand.get(nameOf({ channel: channel.id, accountId: account.accountId }));
    if (!account.enabled) {
      const path = `channels.${channel.id}.${account.accountId === "default" ? "" : `accounts.${account.accountId}.`}enabled`;
      return { state: "stopped", reason: "disabled in the config", fix: `openclaw config set ${path} true` };
    }
    if (account.missing) {
      return { state: "parked", reason: `not configured: ${account.missing.what}`, fix: account.missing.fix };
    }
    if (said === "stopped") {
      return { state: "stopped", reason: "stopped by hand", fix: `openclaw channels start ${channel.id}` };
    }
    const held = said === "started" ? undefined : input.held();
    return held && { state: "parked", ...held };
  }

  function open(configured: ConfiguredAccount): Outlet {
    const { channel, account } = configured;
    const key = { channel: channel.id, accountId: account.accountId };
    const { clock, random } = input;
    const outlet = openOutlet({
      ...configured,
      clock,
      random,
      ...input.parts(configured),
      onChange: () => input.onChange(key),
    });
    outlets.set(nameOf(key), outlet);
    return outlet;
  }

  /** Brings one account to what it should be. */
  async function settle(name: string, renew = false): Promise<void> {
    const configured = accounts.get(name);
    const running = outlets.get(name);
    const wanted = configured !== undefined && notRunning(configured) === undefined && !closed;
    if (!wanted) {
      outlets.delete(name);
      await running?.[Symbol.asyncDispose]();
      if (configured) input.onChange(keyOf(configured));
      return;
    }
    if (running && !renew && running.account.fingerprint === configured.account.fingerprint) return;
    if (!running || configured.channel.capabilities.exclusive) {
      outlets.delete(name);
      await running?.[Symbol.asyncDispose]();
      if (!closed) open(configured);
      return;
    }
    const successor = open(configured);
    await successor.tried;
    await running[Symbol.asyncDispose]();
  }

  /** One change after another; within one, accounts do not wait for each other. */
  function inTurn(change: () => Promise<unknown>): Promise<void> {
    applying = applying.then(change, change).then(() => {});
    return applying;
  }

  return {
    apply: (wanted) =>
      inTurn(() => {
        accounts = new Map(wanted.map((configured) => [nameOf(keyOf(configured)), configured]));
        const names = new Set([...outlets.keys(), ...accounts.keys()]);
        return Promise.allSettled([...names].map((name) => settle(name)));
      }),
    start: (key) =>
      inTurn(() => {
        byHand.set(nameOf(key), "started");
        const state = outlets.get(nameOf(key))?.status().state;
        return settle(nameOf(key), state === "parked" || state === "degraded");
      }),
    stop: (key) =>
      inTurn(() => {
        byHand.set(nameOf(key), "stopped");
        return settle(nameOf(key));
      }),
    find: (key) => outlets.get(nameOf(key)),
    status(configured) {
      const down = notRunning(configured);
      if (down) return { ...down, reconnects: 0 };
      const running = outlets.get(nameOf(keyOf(configured)));
      return running?.status() ?? { state: "stopped", reconnects: 0 };
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      const all = [...outlets.values()];
      outlets.clear();
      await Promise.allSettled(all.map((outlet) => outlet[Symbol.asyncDispose]()));
    },
  };
}

function keyOf({ channel, account }: ConfiguredAccount): AccountKey {
  return { channel: channel.id, accountId: account.accountId };
}

function nameOf({ channel, accountId }: AccountKey): string {
  return `${channel}:${accountId}`;
}
