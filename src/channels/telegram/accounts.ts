import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isPlaceholder } from "../../config/placeholders.ts";
import { isRecord } from "../../protocol/frames.ts";
import type { ChannelAccount, ChannelEnv } from "../channel.ts";

/** What a connection needs, complete: section, account, defaults and environment merged. */
export interface TelegramSettings {
  token: string;
  /** Without a slash at the end. */
  apiRoot: string;
  webhook: WebhookSettings | undefined;
  /** Of a file, in either direction. */
  mediaMaxBytes: number;
  linkPreview: boolean;
  /** Commands of the owner's own, behind the standard ones; "off" leaves Telegram's list empty. */
  commands: readonly NativeCommand[] | "off";
  /** Groups are named in the config, so the bot has to see what is said there. */
  expectsGroups: boolean;
  /** Groups where it should hear what is not addressed to it, which privacy mode forbids. */
  hearsAll: boolean;
  /** Where these settings are in the config, for advice. */
  path: string;
}

export interface WebhookSettings {
  /** What Telegram calls. */
  url: string;
  /** What arrives here; a proxy may change the path on the way. */
  path: string;
  secret: string;
}

export interface NativeCommand {
  command: string;
  description: string;
}

type Section = Readonly<Record<string, unknown>>;
type Missing = NonNullable<ChannelAccount["missing"]>;

const SECTION = "channels.telegram";
export const DEFAULT_API_ROOT = "https://api.telegram.org";
const DEFAULT_MEDIA_MB = 20;
/** What only policies need; a change of these does not touch the connection. */
const POLICY_KEYS = new Set([
  "accounts",
  "defaultAccount",
  "enabled",
  "name",
  "dmPolicy",
  "allowFrom",
  "groupPolicy",
  "groupAllowFrom",
  "replyToMode",
  "streamMode",
  "mentionPatterns",
  "heartbeatVisibility",
  "heartbeat",
]);
/** A credential belongs to one account and is not inherited: two accounts with one token would throw each other out. */
const OWN_KEYS = ["botToken", "tokenFile", "webhookUrl", "webhookPath", "webhookSecret"];

/** The account the section itself describes, and those below `accounts`, which inherit what they do not say themselves. */
export function telegramAccounts(section: Section, env: ChannelEnv): ChannelAccount[] {
  const inherited = Object.fromEntries(
    Object.entries(section).filter(([key]) => !POLICY_KEYS.has(key) && !OWN_KEYS.includes(key)),
  );
  const named = Object.entries(isRecord(section.accounts) ? section.accounts : {}).filter(
    (entry): entry is [string, Section] => isRecord(entry[1]),
  );
  const list = named.map(([id, own]) =>
    makeAccount(id, `${SECTION}.accounts.${id}`, { ...inherited, ...own }, section, own, env),
  );
  const describesItself = OWN_KEYS.some((key) => section[key] !== undefined) || env.TELEGRAM_BOT_TOKEN;
  if (named.some(([id]) => id === "default")) return list;
  if (named.length > 0 && !describesItself) return list;
  if (Object.keys(section).length === 0 && !describesItself) return list;
  return [makeAccount("default", SECTION, section, section, section, env), ...list];
}

/** The other way round: what `telegramAccounts` has put in. */
export const settingsOf = (account: ChannelAccount): TelegramSettings =>
  account.settings as unknown as TelegramSettings;

function makeAccount(
  accountId: string,
  path: string,
  merged: Section,
  section: Section,
  own: Section,
  env: ChannelEnv,
): ChannelAccount {
  const found = readToken(merged, path, accountId === "default" ? env.TELEGRAM_BOT_TOKEN : undefined);
  const webhook = readWebhook(merged, path, accountId);
  const groups = isRecord(merged.groups) ? merged.groups : {};
  const settings: TelegramSettings = {
    token: found.token,
    apiRoot: (text(merged.apiRoot) ?? DEFAULT_API_ROOT).replace(/\/+$/, ""),
    webhook: webhook.settings,
    mediaMaxBytes: positive(merged.mediaMaxMb, DEFAULT_MEDIA_MB) * 1_024 * 1_024,
    linkPreview: merged.linkPreview !== false,
    commands: readCommands(merged),
    expectsGroups: Object.keys(groups).length > 0,
    hearsAll: Object.values(groups).some((group) => isRecord(group) && group.requireMention === false),
    path,
  };
  const { expectsGroups: _, hearsAll: __, path: ___, ...decisive } = settings;
  const missing = found.missing ?? webhook.missing ?? badRoot(settings) ?? noProxy(merged, path);
  return {
    channel: "telegram",
    accountId,
    ...(text(own.name) !== undefined && { name: text(own.name)! }),
    enabled: section.enabled !== false && own.enabled !== false,
    ...(missing && { missing }),
    fingerprint: createHash("sha256").update(JSON.stringify(decisive)).digest("hex").slice(0, 32),
    settings: { ...settings },
    secrets: [settings.token, settings.webhook?.secret ?? ""].filter((secret) => secret !== ""),
  };
}

/** What Telegram takes as the name of a command. */
export const COMMAND = /^[a-z0-9_]{1,32}$/;

/** As BotFather gives it: the id of the bot, a colon, a secret. */
const TOKEN = /^\d{3,20}:[\w-]{10,200}$/;

function readToken(
  merged: Section,
  path: string,
  fromEnv: string | undefined,
): { token: string; missing?: Missing } {
  const fix = `openclaw config set ${path}.botToken <token of @BotFather>`;
  const from = (what: string, token: string) => {
    if (isPlaceholder(token)) return lacking(`${what} is a placeholder (${token}), not a token`, fix);
    if (!TOKEN.test(token)) return lacking(`${what} is no bot token: those look like 123456789:AAF…`, fix);
    return { token };
  };
  const lacking = (what: string, how: string) => ({ token: "", missing: { what, fix: how } });
  const given = text(merged.botToken);
  if (given !== undefined) return from(`${path}.botToken`, given);
  const file = text(merged.tokenFile);
  if (file !== undefined) {
    try {
      return from(`the text of ${file} (${path}.tokenFile)`, readFileSync(file, "utf8").trim());
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return lacking(`${path}.tokenFile: ${file} cannot be read (${code})`, fix);
    }
  }
  if (fromEnv !== undefined && fromEnv !== "") return from("TELEGRAM_BOT_TOKEN", fromEnv);
  return lacking(`${path}.botToken is not set`, fix);
}

/** Without a secret anybody could post updates: then it does not start (CHAN-01). */
function readWebhook(
  merged: Section,
  path: string,
  accountId: string,
): { settings?: WebhookSettings; missing?: Missing } {
  const url = text(merged.webhookUrl);
  if (url === undefined) return {};
  const secret = text(merged.webhookSecret) ?? "";
  const lacking = (key: string, what: string, example: string) => ({
    missing: { what: `${path}.${key} ${what}`, fix: `openclaw config set ${path}.${key} ${example}` },
  });
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    return lacking("webhookUrl", "is no https address", "https://bot.example.org/telegram-webhook");
  if (secret === "" || isPlaceholder(secret))
    return lacking("webhookSecret", "is not set, and webhookUrl needs it", '"$(openssl rand -hex 32)"');
  if (!/^[\w-]{16,256}$/.test(secret))
    return lacking(
      "webhookSecret",
      "has to be 16 to 256 letters, digits, _ or -",
      '"$(openssl rand -hex 32)"',
    );
  const local =
    text(merged.webhookPath) ??
    (accountId === "default" ? "/telegram-webhook" : `/telegram-webhook/${accountId}`);
  if (!/^\/[\w./-]{1,200}$/.test(local)) return lacking("webhookPath", "is no path", "/telegram-webhook");
  return { settings: { url, path: local, secret } };
}

function badRoot({ apiRoot, path }: TelegramSettings): Missing | undefined {
  if (/^https?:\/\/[^/\s]+/.test(apiRoot) && URL.canParse(apiRoot)) return undefined;
  return { what: `${path}.apiRoot is no address`, fix: `openclaw config unset ${path}.apiRoot` };
}

/** Better not to connect than to go past a proxy somebody asked for. */
function noProxy(merged: Section, path: string): Missing | undefined {
  if (text(merged.proxy) === undefined) return undefined;
  return {
    what: `${path}.proxy is set, and this version connects without a proxy`,
    fix: `openclaw config unset ${path}.proxy`,
  };
}

function readCommands(merged: Section): TelegramSettings["commands"] {
  if (isRecord(merged.commands) && merged.commands.native === false) return "off";
  const custom = Array.isArray(merged.customCommands) ? merged.customCommands.filter(isRecord) : [];
  return custom.flatMap(({ command, description }) => {
    const word = String(command ?? "")
      .replace(/^\//, "")
      .toLowerCase();
    const about = text(description);
    return COMMAND.test(word) && about ? [{ command: word, description: about.slice(0, 256) }] : [];
  });
}

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;

const positive = (value: unknown, otherwise: number): number =>
  typeof value === "number" && value > 0 ? value : otherwise;
