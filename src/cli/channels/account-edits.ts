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

/** Pure: an account that rests, or is gone. Where it is the section itself, other accounts stay in there. */
export function removalEdits(
  channel: string,
  accountId: string,
  forget: boolean,
  config: Config,
): ConfigEdit[] {
  const path = accountPath(channel, accountId, config);
  const accounts = getAt(config, ["channels", channel, "accounts"]);
  const others = Object.keys((accounts ?? {}) as object).filter((id) => id !== accountId).length;
  const isSection = path.length === 2;
  if (!forget) return [{ path: [...path, "enabled"], value: false }];
  if (!isSection) return [{ path, value: undefined }];
  if (others === 0) return [{ path, value: undefined }];
  return OWN_KEYS.filter((key) => getAt(config, [...path, key]) !== undefined).map((key) => ({
    path: [...path, key],
    value: undefined,
  }));
}

/** What makes the section an account of its own; the rest of it holds for all accounts. */
const OWN_KEYS = ["botToken", "tokenFile", "token", "appToken", "password", "nickserv", "nick", "name"];
