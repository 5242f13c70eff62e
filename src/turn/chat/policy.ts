import type { Config } from "../../config/schema.ts";
import { compileMentions } from "./mention.ts";

/** Who may speak in the chats of one account. The zero value of every field lets nobody in. */
export interface ChatPolicy {
  dm: "pairing" | "allowlist" | "open" | "disabled";
  /** Exact ids; "*" is everybody and makes nobody an owner. Undefined: the config says nothing. */
  allowFrom: ReadonlySet<string> | undefined;
  group: "allowlist" | "open" | "disabled";
  groupAllowFrom: ReadonlySet<string> | undefined;
  groups: ReadonlyMap<string, GroupPolicy>;
  /** True when the text calls us by one of the configured patterns. */
  mentions(text: string): boolean;
  allowBots: boolean;
  replyToMode: "off" | "first" | "all" | undefined;
  streamMode: "off" | "partial" | "block";
  rate: { perMinute: number; burst: number };
  maxMediaBytes: number;
  /** What was configured and cannot be used, for the log. */
  problems: readonly string[];
}

export interface GroupPolicy {
  enabled: boolean;
  requireMention: boolean | undefined;
  allowFrom: ReadonlySet<string> | undefined;
}

type Section = NonNullable<Config["channels"]>[string];

/** A person is not held up by it, a flood is. */
const RATE = { perMinute: 60, burst: 200 };
const MEDIA_MAX_MB = 20;

/** Pure. What the account says wins over its section, key by key. */
export function chatPolicy(config: Config, channel: string, accountId: string): ChatPolicy {
  const section: Section = config.channels?.[channel] ?? {};
  const account = section.accounts?.[accountId] ?? {};
  const of = { ...section, ...account };
  const { mentions, problems } = compileMentions(of.mentionPatterns ?? []);
  return {
    dm: of.dmPolicy ?? "pairing",
    allowFrom: idsOf(of.allowFrom, channel),
    group: of.groupPolicy ?? "allowlist",
    groupAllowFrom: idsOf(of.groupAllowFrom, channel),
    groups: new Map(
      Object.entries(of.groups ?? {}).map(([id, group]) => [
        id,
        {
          enabled: group.enabled ?? true,
          requireMention: group.requireMention,
          allowFrom: idsOf(group.allowFrom, channel),
        },
      ]),
    ),
    mentions,
    allowBots: of.allowBots ?? false,
    replyToMode: of.replyToMode,
    streamMode: of.streamMode ?? "off",
    rate: {
      perMinute: of.rateLimit?.perMinute ?? RATE.perMinute,
      burst: of.rateLimit?.burst ?? RATE.burst,
    },
    maxMediaBytes: (of.mediaMaxMb ?? MEDIA_MAX_MB) * 1_048_576,
    problems,
  };
}

/** "telegram:555" is 555 as well. An empty entry is nobody, and a name ("@bob") is never compared with a name. */
function idsOf(
  entries: readonly (string | number)[] | undefined,
  channel: string,
): ReadonlySet<string> | undefined {
  if (entries === undefined) return undefined;
  const prefix = `${channel}:`;
  const ids = entries.map((entry) => {
    const id = String(entry).trim();
    return id.startsWith(prefix) ? id.slice(prefix.length) : id;
  });
  return new Set(ids.filter((id) => id !== ""));
}

/** An empty list is a list: nobody is in it (CHAN-05). A sender without an id is never in one. */
export function isListed(list: ReadonlySet<string>, senderId: string): boolean {
  return senderId !== "" && (list.has("*") || list.has(senderId));
}
