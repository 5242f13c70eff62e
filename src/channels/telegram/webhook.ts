import type { Update } from "grammy/types";
import { Secret } from "../../platform/secret.ts";
import { isRecord } from "../../protocol/frames.ts";
import { ChannelFault, type ConnectInput, type Webhook } from "../channel.ts";
import type { TelegramSettings, WebhookSettings } from "./accounts.ts";
import type { BotApi } from "./api.ts";
import { ALLOWED_UPDATES, type Receive } from "./receive.ts";
import { faultOf } from "./refusals.ts";

/** How often Telegram is asked whether its calls reach us. */
const LOOK_MS = 60_000;

export const WEBHOOK_PROOF_MS = LOOK_MS + 45_000;

export interface WebhookInput extends Pick<ConnectInput, "clock" | "signal" | "onProof"> {
  settings: TelegramSettings;
  webhook: WebhookSettings;
  api: BotApi;
}

/** What arrives is from Telegram when it has the secret; everything else is turned away by its head alone (CHAN-01). */
export function openWebhook({ path, secret }: WebhookSettings, receive: Receive): Webhook {
  const expected = new Secret(secret);
  return {
    path,
    admits(headers) {
      const given = headers["x-telegram-bot-api-secret-token"];
      return typeof given === "string" && expected.equals(given);
    },
    async receive(body) {
      if (!isRecord(body) || !Number.isSafeInteger(body.update_id)) return;
      await receive([body as unknown as Update], () => {});
    },
  };
}

export async function setWebhook({ settings, webhook, api, signal }: WebhookInput): Promise<void> {
  const { url, secret } = webhook;
  await api.calls
    .setWebhook({ url, secret_token: secret, allowed_updates: [...ALLOWED_UPDATES] }, signal)
    .catch((error: unknown) => {
      throw faultOf(error, "setWebhook", settings);
    });
}

/** Looks again and again whether the webhook stands and Telegram gets through; ends with what is wrong. */
export async function watchWebhook(input: WebhookInput): Promise<ChannelFault> {
  const { settings, webhook, api, clock, signal, onProof } = input;
  const since = clock.now();
  for (let failing = 0; !signal.aborted; ) {
    try {
      const { url, pending_update_count, last_error_date, last_error_message } =
        await api.calls.getWebhookInfo(signal);
      if (url !== webhook.url) {
        const message = `another program has set another webhook for this bot (${url || "none"})`;
        return new ChannelFault("conflict", message, { fix: "openclaw channels status --probe" });
      }
      const isStuck = pending_update_count > 0 && (last_error_date ?? 0) * 1_000 > since;
      failing = isStuck ? failing + 1 : 0;
      if (failing >= 2) {
        const message = `Telegram does not get through to ${webhook.url}: ${last_error_message}; ${pending_update_count} updates wait`;
        return new ChannelFault("platform", message, {
          fix: `openclaw config get ${settings.path}.webhookUrl`,
        });
      }
      if (!isStuck) onProof();
    } catch (error) {
      return faultOf(error, "getWebhookInfo", settings);
    }
    await new Promise<void>((resolve) => {
      const end = () => {
        timer[Symbol.dispose]();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = clock.after(LOOK_MS, end);
      signal.addEventListener("abort", end, { once: true });
    });
  }
  return new ChannelFault("network", "the connection was closed");
}
