import type { Channel, ChannelEnv } from "../../channels/channel.ts";
import type { ConfiguredAccount } from "../../channels/outlets.ts";
import type { Config } from "../../config/schema.ts";

/** Every account of the config, in its order. Sections of platforms this version does not have are left out. */
export function configuredAccounts(
  config: Config,
  channels: readonly Channel[],
  env: ChannelEnv,
): ConfiguredAccount[] {
  return Object.entries(config.channels ?? {}).flatMap(([id, section]) => {
    const channel = channels.find((candidate) => candidate.id === id);
    return channel ? channel.accounts(section, env).map((account) => ({ channel, account })) : [];
  });
}
