import type { Channel } from "../../channels/channel.ts";
import type { ConfigEdit } from "../../config/legacy-write.ts";
import { type ConfigPath, getAt } from "../../config/path.ts";
import type { Config } from "../../config/schema.ts";

export interface AccountWish {
  channel: Channel;
  accountId: string;
  name?: string;
  /** By key below the account; undefined takes the key away. */
  values: readonly { path: readonly string[]; value: unknown }[];
}

export const DEFAULT_ACCOUNT = "default";

/** Where an account stands in the config: the default one may be the section itself. */
export function accountPath(channel: string, accountId: string, config: Config): ConfigPath {
  const section = ["channels", channel];
  const listed = getAt(config, [...section, "accounts", accountId]) !== undefined;
  return accountId === DEFAULT_ACCOUNT && !listed ? section : [...section, "accounts", accountId];
}

/** Pure: the edits that make an account and switch it on. A new section says who may write, so that it can be read there. */
export function accountEdits(
  { channel, accountId, name, values }: AccountWish,
  config: Config,
): ConfigEdit[] {
  const section = ["channels", channel.id];
  const path = accountPath(channel.id, accountId, config);
  const edits: ConfigEdit[] = [{ path: [...section, "enabled"], value: true }];
  if (path.length > section.length) edits.push({ path: [...path, "enabled"], value: true });
  if (getAt(config, [...section, "dmPolicy"]) === undefined)
    edits.push({ path: [...section, "dmPolicy"], value: "pairing" });
  if (name !== undefined) edits.push({ path: [...path, "name"], value: name });
  for (const { path: key, value } of values)
    if (value !== undefined || getAt(config, [...path, ...key]) !== undefined)
      edits.push({ path: [...path, ...key], value });
  return edits;
}

/**
 * An account that rests, or is gone. Where it is the section itself, which holds for the others as well, its credentials
 * are moved or taken out; where that is not enough, it is named and switched off.
 */
export function removalEdits(
  channel: Channel,
  accountId: string,
  forget: boolean,
  config: Config,
): ConfigEdit[] {
  const path = accountPath(channel.id, accountId, config);
  const section = getAt(config, ["channels", channel.id]) as Record<string, unknown>;
  const others = Object.keys((section.accounts ?? {}) as object).filter((id) => id !== accountId);
  const isShared = path.length === 2 && others.length > 0;
  if (!isShared) return [forget ? { path, value: undefined } : { path: [...path, "enabled"], value: false }];
  const own = OWN_KEYS.filter((key) => section[key] !== undefined);
  const rest = [
    { path: [...path, "accounts", accountId, "enabled"], value: false },
    ...own.flatMap((key) => [
      { path: [...path, "accounts", accountId, key], value: section[key] },
      { path: [...path, key], value: undefined },
    ]),
  ];
  if (!forget) return rest;
  const left = Object.fromEntries(Object.entries(section).filter(([key]) => !own.includes(key)));
  const isGone = !channel.accounts(left, {}).some((account) => account.accountId === accountId);
  return isGone ? own.map((key) => ({ path: [...path, key], value: undefined })) : rest;
}

/** Credentials belong to one account; the rest of a section holds for all. */
const OWN_KEYS = ["botToken", "tokenFile", "webhookUrl", "webhookPath", "webhookSecret", "token", "appToken"];
