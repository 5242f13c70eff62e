import { request } from "node:http";
import type { Json } from "./chats.ts";
import type { Form } from "./form.ts";
import { Refusal } from "./refusal.ts";
import type { createUpdates } from "./updates.ts";

const AGAIN_MS = 100;

/** Updates are posted one after the other; what is not answered with 2xx comes again. */
export function createWebhook(updates: ReturnType<typeof createUpdates>) {
  let hook: { url: string; secret: string | undefined } | undefined;
  let lastError = "";
  let delivering = false;
  let stopped = false;

  function post(update: Json, to: NonNullable<typeof hook>): Promise<number> {
    return new Promise((resolve, reject) => {
      const sent = request(
        to.url,
        {
          method: "POST",
          agent: false,
          headers: {
            "content-type": "application/json",
            ...(to.secret !== undefined && { "x-telegram-bot-api-secret-token": to.secret }),
          },
        },
        (response) => {
          response.resume();
          response.once("end", () => resolve(response.statusCode!));
        },
      );
      sent.once("error", reject);
      sent.end(JSON.stringify(update));
    });
  }

  async function deliver(): Promise<void> {
    if (delivering) return;
    delivering = true;
    while (hook && !stopped && updates.queue.length > 0) {
      const update = updates.queue[0]!;
      const status = await post(update, hook).catch((error: Error) => error.message);
      if (typeof status === "number" && status >= 200 && status < 300) {
        updates.queue.shift();
        continue;
      }
      lastError = `Wrong response from the webhook: ${status}`;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref());
    }
    delivering = false;
  }

  return {
    url: () => hook?.url ?? "",
    deliver: () => void deliver(),
    stop() {
      stopped = true;
    },
    methods: {
      setWebhook({ fields }: Form) {
        const url = String(fields.url ?? "");
        const secret = fields.secret_token as string | undefined;
        if (secret !== undefined && !/^[\w-]{1,256}$/.test(secret))
          throw new Refusal(400, "Bad Request: secret token contains unallowed characters");
        hook = url === "" ? undefined : { url, secret };
        if (hook) updates.endPoll(new Refusal(409, "Conflict: terminated by setWebhook request"));
        void deliver();
        return true;
      },
      deleteWebhook({ fields }: Form) {
        hook = undefined;
        if (String(fields.drop_pending_updates) === "true") updates.queue.length = 0;
        return true;
      },
      getWebhookInfo: () => ({
        url: hook?.url ?? "",
        has_custom_certificate: false,
        pending_update_count: updates.queue.length,
        ...(lastError && { last_error_message: lastError, last_error_date: Math.floor(Date.now() / 1_000) }),
      }),
    },
  };
}
