import telegram from "../../channels/telegram/channel.ts";
import { findPlaceholder } from "../../config/placeholders.ts";
import { isRecord } from "../../protocol/frames.ts";
import { defineCheck } from "../check.ts";
import type { Observation } from "../finding.ts";

/** What an account on Telegram needs before anybody is asked. Placeholders are the business of `config-placeholder`. */
export default defineCheck({
  id: "telegram-accounts",
  summary: "Telegram accounts can connect, and their lists let people in",
  where: "anywhere",
  async inspect({ config, env }) {
    const checked = await config();
    const section = checked.ok ? checked.loaded.config.channels?.telegram : undefined;
    if (!checked.ok || !section || section.enabled === false) return [];
    const file = checked.loaded.path;
    const lacking = telegram
      .accounts(section, env.variables())
      .filter(({ enabled, missing }) => enabled && missing && !findPlaceholder(section))
      .map(
        ({ accountId, missing }): Observation => ({
          id: "telegram-account",
          evidence: [`account "${accountId}": ${missing!.what}`],
          place: { path: "channels.telegram", file },
          fix: missing!.fix,
        }),
      );
    return [...lacking, ...namesIn(section, "channels.telegram", file)];
  },
});

const LISTS = ["allowFrom", "groupAllowFrom"];

/** Of the section, of its accounts, and of the groups of both. */
function namesIn(section: Record<string, unknown>, path: string, file: string): Observation[] {
  const own = LISTS.flatMap((key): Observation[] => {
    const entries = Array.isArray(section[key]) ? section[key] : [];
    const names = entries.map((entry) => String(entry).trim()).filter(isName);
    if (names.length === 0) return [];
    return [
      {
        id: "telegram-sender-names",
        evidence: [
          `${path}.${key} has ${names
            .slice(0, 5)
            .map((name) => `"${name}"`)
            .join(", ")}`,
        ],
        place: { path: `${path}.${key}`, file },
        fix: `openclaw config set ${path}.${key} '["<number>"]'`,
      },
    ];
  });
  const below = ["accounts", "groups"].flatMap((key) =>
    Object.entries(isRecord(section[key]) ? section[key] : {})
      .filter((entry): entry is [string, Record<string, unknown>] => isRecord(entry[1]))
      .flatMap(([id, inner]) => namesIn(inner, `${path}.${key}.${id}`, file)),
  );
  return [...own, ...below];
}

const isName = (entry: string): boolean =>
  entry !== "" && entry !== "*" && !/^(telegram:)?-?\d+$/.test(entry);
