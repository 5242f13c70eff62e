import { createHash } from "node:crypto";
import { isRecord } from "../../protocol/frames.ts";
import type { ChannelAccount, ChannelEnv } from "../channel.ts";
import { isChannelName, isTarget } from "./names.ts";

/** What a connection needs, complete: settings, defaults and environment merged. */
export interface IrcSettings {
  host: string;
  port: number;
  tls: TlsSettings | undefined;
  nick: string;
  username: string;
  realname: string;
  /** Of the server (PASS). */
  password: string | undefined;
  sasl: SaslSettings | undefined;
  nickserv: { password: string; account: string | undefined; service: string | undefined } | undefined;
  channels: readonly { name: string; password: string | undefined }[];
  /** So many lines at once, and then so many in a second. */
  flood: { burst: number; linesPerSecond: number };
  pingIntervalMs: number;
  /** Where these settings are in the config, for advice. */
  path: string;
}

export interface TlsSettings {
  /** File of the authority that signs the server's certificate, instead of the public ones. */
  ca: string | undefined;
  /** SHA-256 of the one certificate that is accepted, whoever signed it. */
  fingerprint: string | undefined;
  /** Files of our own certificate and its key, for SASL EXTERNAL. */
  cert: string | undefined;
  key: string | undefined;
}

export type SaslSettings =
  | { mechanism: "PLAIN"; account: string; password: string }
  | { mechanism: "EXTERNAL"; account: string; password: undefined };

type Section = Readonly<Record<string, unknown>>;

const SECTION = "channels.irc";
/** What only policies need; the gateway reads it, a connection does not. */
const NOT_OURS = new Set([
  "accounts",
  "defaultAccount",
  "dmPolicy",
  "allowFrom",
  "groupPolicy",
  "groupAllowFrom",
  "groups",
  "mentionPatterns",
  "heartbeatVisibility",
  "heartbeat",
  "enabled",
  "name",
]);

/** The account the section itself describes, and those below `accounts`, which inherit what they do not say themselves. */
export function ircAccounts(section: Section, env: ChannelEnv): ChannelAccount[] {
  const own = Object.fromEntries(Object.entries(section).filter(([key]) => !NOT_OURS.has(key)));
  const named = isRecord(section.accounts) ? section.accounts : {};
  const accounts = Object.entries(named).filter((entry): entry is [string, Section] => isRecord(entry[1]));
  const list = accounts.map(([id, account]) => {
    const path = `${SECTION}.accounts.${id}`;
    return makeAccount(
      id,
      path,
      id === "default" ? { ...fromEnv(env), ...own, ...account } : { ...own, ...account },
      section,
      account,
    );
  });
  if ("default" in named) return list;
  const isDescribed = text(own.host) !== undefined || env.IRC_HOST !== undefined;
  if (!isDescribed && (accounts.length > 0 || Object.keys(section).length === 0)) return list;
  return [makeAccount("default", SECTION, { ...fromEnv(env), ...own }, section, section), ...list];
}

function makeAccount(
  accountId: string,
  path: string,
  merged: Section,
  section: Section,
  own: Section,
): ChannelAccount {
  const { settings, missing } = readSettings(merged, path);
  const { path: _, ...told } = settings;
  return {
    channel: "irc",
    accountId,
    name: text(own.name),
    enabled: section.enabled !== false && own.enabled !== false,
    missing,
    fingerprint: createHash("sha256").update(JSON.stringify(told)).digest("hex").slice(0, 32),
    settings: { ...settings },
    secrets: [
      settings.password,
      settings.sasl?.password,
      settings.nickserv?.password,
      ...settings.channels.map(({ password }) => password),
    ].filter((secret) => secret !== undefined),
  };
}

/** The other way round: what `ircAccounts` has put in. */
export const settingsOf = (account: ChannelAccount): IrcSettings =>
  account.settings as unknown as IrcSettings;

interface Read {
  settings: IrcSettings;
  missing: ChannelAccount["missing"];
}

function readSettings(merged: Section, path: string): Read {
  const problems: NonNullable<ChannelAccount["missing"]>[] = [];
  const wants = (key: string, what: string, example: string) =>
    void problems.push({
      what: `${path}.${key} ${what}`,
      fix: `openclaw config set ${path}.${key} ${example}`,
    });

  const tls = readTls(merged.tls);
  const host = text(merged.host) ?? "";
  if (host === "" || /[\s/\u0000-\u0020]/.test(host))
    wants("host", host === "" ? "is not set" : "is not a host", "irc.example.org");
  const port = Number(merged.port ?? (tls ? 6697 : 6667));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) wants("port", "is not a port", "6697");
  const nick = text(merged.nick) ?? "";
  if (!isTarget(nick) || /^[\d\-#&]/.test(nick))
    wants("nick", nick === "" ? "is not set" : "is not a nick", "my-assistant");
  const username =
    (text(merged.username) ?? nick).replace(/[\s@!:\u0000-\u0020]/g, "").slice(0, 32) || "openclaw";
  const channels = readChannels(merged.channels);
  const odd = channels.find(({ name }) => !isTarget(name) || !isChannelName({ channelTypes: "#&!+" }, name));
  if (odd) wants("channels", `has no channel in "${odd.name}"`, `'["#my-channel"]'`);
  const sasl = readSasl(merged.sasl, nick);
  if (sasl?.mechanism === "PLAIN" && sasl.password === "")
    wants("sasl.password", "is not set", "<password of the account>");
  if (sasl?.mechanism === "EXTERNAL" && !(tls?.cert && tls.key))
    wants("tls.cert", "and tls.key are not set, which SASL EXTERNAL needs", "<file>");
  if (isRecord(merged.sasl) && !sasl) wants("sasl.mechanism", "is neither PLAIN nor EXTERNAL", "PLAIN");

  const flood = isRecord(merged.flood) ? merged.flood : {};
  return {
    missing: problems[0],
    settings: {
      host,
      port,
      tls,
      nick,
      username,
      realname: text(merged.realname) ?? nick,
      password: text(merged.password),
      sasl,
      nickserv: readNickserv(merged.nickserv),
      channels,
      flood: {
        burst: between(1, 100, flood.burst, 5),
        linesPerSecond: between(0.1, 1_000, flood.linesPerSecond, 1),
      },
      pingIntervalMs: between(1, 600, merged.pingIntervalSeconds, 30) * 1_000,
      path,
    },
  };
}

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;

const between = (lowest: number, highest: number, value: unknown, otherwise: number): number =>
  typeof value === "number" && Number.isFinite(value)
    ? Math.min(Math.max(value, lowest), highest)
    : otherwise;

/** Encrypted unless it is told not to. */
function readTls(value: unknown): TlsSettings | undefined {
  if (value === false || (isRecord(value) && value.enabled === false)) return undefined;
  const tls = isRecord(value) ? value : {};
  return { ca: text(tls.ca), fingerprint: text(tls.fingerprint), cert: text(tls.cert), key: text(tls.key) };
}

function readSasl(value: unknown, nick: string): SaslSettings | undefined {
  if (!isRecord(value) || value.enabled === false) return undefined;
  const account = text(value.account) ?? nick;
  switch ((text(value.mechanism) ?? "PLAIN").toUpperCase()) {
    case "PLAIN":
      return { mechanism: "PLAIN", account, password: text(value.password) ?? "" };
    case "EXTERNAL":
      return { mechanism: "EXTERNAL", account: text(value.account) ?? "", password: undefined };
    default:
      return undefined;
  }
}

function readNickserv(value: unknown): IrcSettings["nickserv"] {
  const password = isRecord(value) && value.enabled !== false ? text(value.password) : undefined;
  if (password === undefined || !isRecord(value)) return undefined;
  return { password, account: text(value.account), service: text(value.service) };
}

/** `["#a", { name: "#b", password: "…" }]`, or one text with commas. */
function readChannels(value: unknown): IrcSettings["channels"] {
  const list = typeof value === "string" ? value.split(/[,\s]+/) : Array.isArray(value) ? value : [];
  return list.slice(0, 250).flatMap((entry: unknown) => {
    const name = text(isRecord(entry) ? entry.name : entry);
    return name === undefined ? [] : [{ name, password: isRecord(entry) ? text(entry.password) : undefined }];
  });
}

/** For the default account, and behind the config. */
function fromEnv(env: ChannelEnv): Section {
  const nickserv = text(env.IRC_NICKSERV_PASSWORD);
  const found: Record<string, unknown> = {
    host: text(env.IRC_HOST),
    port: text(env.IRC_PORT),
    tls: env.IRC_TLS === undefined ? undefined : !/^(0|false|no|off)$/i.test(env.IRC_TLS.trim()),
    nick: text(env.IRC_NICK),
    username: text(env.IRC_USERNAME),
    realname: text(env.IRC_REALNAME),
    password: text(env.IRC_PASSWORD),
    channels: text(env.IRC_CHANNELS),
    nickserv: nickserv && { password: nickserv },
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
