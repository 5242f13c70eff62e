import type { Channel, ChannelFault, ConnectInput, ProbeResult } from "../channel.ts";
import { settingsOf, type TelegramSettings } from "./accounts.ts";
import { type BotApi, openBotApi } from "./api.ts";
import { faultOf, refusalOf } from "./refusals.ts";

type Fact = ProbeResult["audit"][number];

const DEADLINES = { connectMs: 5_000, firstByteMs: 8_000, idleMs: 5_000, totalMs: 15_000 };

/** Asks the platform itself, over connections of its own. It does not poll: that would end a running connection. */
export const probe: Channel["probe"] = async (account, { clock, signal }) => {
  const beganAt = clock.monotonic();
  const settings = settingsOf(account);
  const elapsedMs = () => Math.round(clock.monotonic() - beganAt);
  if (account.missing) {
    const { what, fix } = account.missing;
    return {
      ok: false,
      summary: "not configured",
      audit: [{ ok: false, text: what, fix }],
      elapsedMs: 0,
    };
  }
  using api = openBotApi({ apiRoot: settings.apiRoot, token: settings.token, deadlines: DEADLINES });
  try {
    const me = await asked("getMe", () => api.calls.getMe(signal), settings);
    const audit = [
      ...(await webhookFacts(settings, api, signal)),
      ...privacyFacts(settings, me.can_read_all_group_messages, me.username),
    ];
    return {
      ok: true,
      summary: "works",
      audit: audit.some(({ ok }) => !ok) ? audit : [{ ok: true, text: "audit ok" }, ...audit],
      self: { id: String(me.id), name: `@${me.username}` },
      elapsedMs: elapsedMs(),
    };
  } catch (error) {
    return { ok: false, ...inWords(error as ChannelFault), elapsedMs: elapsedMs() };
  }
};

/** Telegram's own words in the line of the account, what they mean below it. */
function inWords({ message, fix, cause }: ChannelFault): Pick<ProbeResult, "summary" | "audit"> {
  const refusal = refusalOf(cause);
  const summary = refusal ? `${refusal.error_code} ${refusal.description}` : message;
  const meaning = message.replace(summary, "").replace(/^: /, "");
  if (fix === undefined && meaning === "") return { summary, audit: [] };
  const text = meaning || "what to do";
  return { summary, audit: [{ ok: false, text, ...(fix !== undefined && { fix }) }] };
}

async function asked<T>(method: string, call: () => Promise<T>, settings: TelegramSettings): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw faultOf(error, method, settings);
  }
}

async function webhookFacts(
  settings: TelegramSettings,
  api: BotApi,
  signal: ConnectInput["signal"],
): Promise<Fact[]> {
  const info = await asked("getWebhookInfo", () => api.calls.getWebhookInfo(signal), settings);
  const { webhook, path } = settings;
  const wanted = webhook?.url ?? "";
  if ((info.url ?? "") !== wanted) {
    const text = webhook
      ? `Telegram calls ${info.url || "nobody"}, not ${wanted}`
      : `a webhook is set (${info.url}): it takes the updates this gateway polls for`;
    return [{ ok: false, text, fix: "openclaw channels start telegram" }];
  }
  if (webhook && info.last_error_message && info.pending_update_count > 0) {
    const text = `Telegram does not get through to ${wanted}: ${info.last_error_message}; ${info.pending_update_count} updates wait`;
    return [{ ok: false, text, fix: `openclaw config get ${path}.webhookUrl` }];
  }
  return [];
}

/** With privacy mode on, a bot sees of groups only what is addressed to it. */
function privacyFacts(settings: TelegramSettings, readsAll: boolean, username: string): Fact[] {
  if (readsAll || !settings.expectsGroups) return [];
  const text = `privacy mode is on: in groups @${username} sees only commands, mentions and replies to it`;
  if (!settings.hearsAll) return [{ ok: true, text }];
  return [
    {
      ok: false,
      text: `${text}, and a group is set to requireMention: false`,
      fix: `in @BotFather: /setprivacy, choose @${username}, Disable; then take the bot out of the group and add it again`,
    },
  ];
}
