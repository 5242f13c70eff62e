import type { Channel, ChannelAccount } from "../../channels/channel.ts";
import { CHANNELS } from "../../channels/channels.gen.ts";
import { nearest } from "../../config/nearest.ts";
import type { Config } from "../../config/schema.ts";
import type { Env } from "../../platform/env.ts";
import { Fault } from "../../platform/fault.ts";
import { isRecord } from "../../protocol/frames.ts";
import { didYouMean, UsageError } from "../usage.ts";

/** The platform of this id or label. Throws `UsageError` for one this version does not have. */
export function findChannel(text: string, command: string): Channel {
  const wanted = text.trim().toLowerCase();
  const found = CHANNELS.find(({ id, label }) => id === wanted || label.toLowerCase() === wanted);
  if (found) return found;
  const ids = CHANNELS.map(({ id }) => id);
  throw new UsageError(
    `this version has no channel "${text.slice(0, 40)}"${didYouMean(nearest(wanted, ids))}; it has ${ids.join(", ")}`,
    command.split(" "),
  );
}

export interface ConfiguredAccounts {
  accounts: ChannelAccount[];
  /** Sections for platforms that this version does not have. */
  unknown: string[];
}

/** What the config describes, in its order, also what cannot run. */
export function configuredAccounts({ channels = {} }: Config, env: Env): ConfiguredAccounts {
  const variables = env.variables();
  const accounts: ChannelAccount[] = [];
  const unknown: string[] = [];
  for (const [id, section] of Object.entries(channels)) {
    const channel = CHANNELS.find((each) => each.id === id);
    if (!channel) unknown.push(id);
    else if (isRecord(section)) accounts.push(...channel.accounts(section, variables));
  }
  return { accounts, unknown };
}

/** The account a command means. Throws `Fault` (1) that lists what there is. */
export function findAccount(
  channel: Channel,
  accountId: string | undefined,
  config: Config,
  env: Env,
): ChannelAccount {
  const own = configuredAccounts(config, env).accounts.filter((account) => account.channel === channel.id);
  if (own.length === 0)
    throw new Fault(`no account of ${channel.label} is configured`, {
      fix: `openclaw channels add --channel ${channel.id}`,
    });
  const found =
    accountId === undefined
      ? own.length === 1
        ? own[0]
        : own.find((account) => account.accountId === "default")
      : own.find((account) => account.accountId === accountId);
  if (found) return found;
  const ids = own.map((account) => account.accountId).join(", ");
  throw new Fault(
    accountId === undefined
      ? `${channel.label} has several accounts: name one`
      : `${channel.label} has no account "${accountId.slice(0, 64)}"`,
    { why: `It has ${ids}.`, fix: "openclaw channels list" },
  );
}

/** A platform is named by the word after the command, or by --channel. Throws `UsageError`. */
export function requireOne(word: string | undefined, option: string | undefined, command: string): string {
  if (word !== undefined && option !== undefined && word !== option)
    throw new UsageError(`"${command}" takes one chat app, not ${word} and ${option}`, command.split(" "));
  const one = word ?? option;
  if (one !== undefined) return one;
  throw new UsageError(`missing option --channel for "${command}"`, command.split(" "));
}
