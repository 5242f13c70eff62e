import { sendJson } from "../respond.ts";
import { defineRoute, HttpRefusal } from "../route.ts";

/** One update of a chat platform; files are fetched, not posted. */
const MAX_BODY_BYTES = 1_048_576;
/** Of calls that have shown their secret and whose messages are being stored (DOS-15). */
const MAX_AT_ONCE = 64;

let atOnce = 0;

/**
 * What chat platforms post. The path is the account's; whether a call is the platform's own is decided by its secret, from the
 * head alone, wherever it comes from (CHAN-01, CHAN-14). While the account is not connected the path does not exist.
 */
export default defineRoute({
  paths: ["/channel-webhooks"],
  claims: (pathname, { channels }) => channels.peek()?.webhookAt(pathname) !== undefined,
  methods: ["POST"],
  auth: "none",
  maxBodyBytes: MAX_BODY_BYTES,
  // A proxy that is not listed may pass these on: the secret says who calls, the address does not.
  anyProxy: true,
  async run({ services, url, request, response, json }) {
    const webhook = services.channels.peek()?.webhookAt(url.pathname);
    if (!webhook) throw new HttpRefusal(404, "not_found", "Not Found");
    if (!webhook.admits(request.headers))
      throw new HttpRefusal(401, "unauthorized", "The secret of the webhook is missing or wrong.");
    if (atOnce >= MAX_AT_ONCE)
      throw new HttpRefusal(429, "too_many_requests", "Too many updates at once.", { "retry-after": "1" });
    atOnce++;
    try {
      await webhook.receive(await json());
      sendJson(response, 200, { ok: true });
    } finally {
      atOnce--;
    }
  },
});
