import { existsSync } from "node:fs";
import { type PairingAccount, pairingList } from "../../access/senders/pairing-list.ts";
import { openSenders, type SenderStore } from "../../access/senders/senders.ts";
import { CHANNELS } from "../../channels/channels.gen.ts";
import { systemClock } from "../../platform/clock.ts";
import { Fault } from "../../platform/fault.ts";
import type { CommandContext } from "../context.ts";
import { holdState } from "../hold-state.ts";
import { configuredAccounts } from "./known-channel.ts";
import type { SenderDesk } from "./sender-desk.ts";

/** The stored senders under the state lock. Looking makes nothing: where nobody ever wrote there is no file. */
export async function openStoredSenders(context: CommandContext): Promise<SenderDesk> {
  const { paths, env, name, io } = context;
  const accounts = accountsOf((await context.config()).config, env);
  if (!existsSync(paths.sendersDb)) return nothingStored(accounts);
  using stack = new DisposableStack();
  stack.use(holdState(paths, name));
  const senders = stack.use(
    openSenders({
      path: paths.sendersDb,
      clock: systemClock,
      onSetAside: (path) => io.note(`notice: the list of senders was damaged and set aside: ${path}`),
    }),
  );
  const owned = stack.move();
  return { ...deskOf(senders, accounts), [Symbol.dispose]: () => owned.dispose() };
}

function accountsOf(...from: Parameters<typeof configuredAccounts>): PairingAccount[] {
  return configuredAccounts(...from).accounts.map(({ channel, accountId, name }) => ({
    ...{ channel, channelLabel: labelOf(channel), accountId, notifySupported: true },
    ...(name !== undefined && { accountLabel: name }),
  }));
}

const labelOf = (id: string) => CHANNELS.find((channel) => channel.id === id)?.label ?? id;

function deskOf(
  senders: SenderStore,
  accounts: readonly PairingAccount[],
): Omit<SenderDesk, typeof Symbol.dispose> {
  return {
    where: "store",
    list: async (query) => pairingList(senders, accounts, query),
    async approve({ channel, accountId, requestId }, notify) {
      const result = senders.approve(channel, requestId, accountId);
      if (result.kind !== "approved") throw gone(channel, result.kind);
      return {
        requestId,
        senderId: result.sender.senderId,
        // Nobody is there who could send it.
        notification: notify ? "failed" : "not-requested",
        commandOwnerBootstrap: result.becameOwner ? "configured" : "already-configured",
      };
    },
    async reject({ channel, accountId, requestId }) {
      const result = senders.reject(channel, requestId, accountId);
      if (result.kind !== "rejected") throw gone(channel, result.kind);
    },
  };
}

function gone(channel: string, kind: "unknown-code" | "ambiguous" | "locked"): Fault {
  return kind === "locked"
    ? new Fault(`too many wrong pairing codes for ${channel}`, {
        why: "somebody may be guessing; codes are looked at again within the hour",
        fix: `openclaw pairing list --channel ${channel}`,
      })
    : new Fault("the pairing request is gone", { fix: `openclaw pairing list --channel ${channel}` });
}

function nothingStored(accounts: readonly PairingAccount[]): SenderDesk {
  const none = async (): Promise<never> => {
    throw new Fault("nobody waits for approval", { fix: "openclaw pairing list" });
  };
  return {
    where: "store",
    list: async (query) => pairingList({ pending: () => [], approved: () => [] }, accounts, query),
    approve: none,
    reject: none,
    [Symbol.dispose]() {},
  };
}
