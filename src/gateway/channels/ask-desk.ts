import type { PairingAccount } from "../../access/senders/pairing-list.ts";
import type { Config } from "../../config/schema.ts";
import { GatewayError } from "../../protocol/errors.ts";
import type { GatewayServices } from "../services.ts";
import type { AccountStatus, ChannelDesk } from "./desk.ts";

/** Undefined where no channel is configured: looking loads nothing then. */
export async function deskIfAny({ channels, loaded }: GatewayServices): Promise<ChannelDesk | undefined> {
  return channels.peek() ?? (isConfigured(loaded.config) ? await channels.open() : undefined);
}

function isConfigured({ channels = {} }: Config): boolean {
  return Object.keys(channels).length > 0;
}

/** The account of a request: the named one, or the only one, or the default one. Throws `GatewayError`. */
export function requireAccount(
  desk: ChannelDesk,
  { channel, accountId }: { channel: string; accountId?: string },
  config: Config,
): AccountStatus {
  const own = desk.accounts().filter((account) => account.channel === channel);
  if (own.length === 0) {
    throw desk.capabilities(channel)
      ? new GatewayError("INVALID_REQUEST", `channel ${channel} is not configured`, {
          detail: "CHANNEL_NOT_CONFIGURED",
          hint: `add an account: openclaw channels add --channel ${channel}`,
        })
      : unknownChannel(channel);
  }
  const wanted = accountId ?? config.channels?.[channel]?.defaultAccount;
  const found =
    wanted === undefined
      ? (own.find((account) => account.accountId === "default") ?? own[0])
      : own.find((account) => account.accountId === wanted);
  if (found) return found;
  throw new GatewayError("INVALID_REQUEST", `unknown account "${wanted!.slice(0, 64)}" of ${channel}`, {
    hint: `it has ${own.map((account) => account.accountId).join(", ")}: openclaw channels list`,
  });
}

export function unknownChannel(channel: string): GatewayError {
  return new GatewayError("INVALID_REQUEST", `unknown channel: ${channel.slice(0, 64)}`, {
    detail: "UNKNOWN_CHANNEL",
    hint: "see what there is: openclaw channels capabilities",
  });
}

export function pairingAccounts(desk: ChannelDesk): PairingAccount[] {
  return desk.accounts().map(({ channel, label, accountId, name }) => ({
    ...{ channel, channelLabel: label, accountId, notifySupported: true },
    ...(name !== undefined && { accountLabel: name }),
  }));
}
