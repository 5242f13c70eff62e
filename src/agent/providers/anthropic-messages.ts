import { encodeRequest } from "../anthropic-messages.ts";
import { readReply } from "../anthropic-reply.ts";
import { exchange, type WireProtocol } from "../exchange.ts";
import { defineProviderFactory, type ModelTarget } from "../provider.ts";

const LONG_CONTEXT = "context-1m-2025-08-07";
const OAUTH = "oauth-2025-04-20";
/** Keys of a subscription; they are sent as bearers. */
const OAUTH_KEY = /^sk-ant-oat/;

const wire: WireProtocol = {
  request: (call) => ({
    url: `${messagesBase(call.target.baseUrl)}/messages`,
    headers: headersFor(call.target),
    body: encodeRequest(call),
  }),
  readReply,
};

/** POST …/v1/messages as Anthropic defined it, always streamed. */
export default defineProviderFactory({
  api: "anthropic-messages",
  create: (services) => ({
    api: "anthropic-messages",
    call: (call, signal) => exchange(wire, services, call, signal),
  }),
});

/** Both spellings are usual: with the version, and without it as the vendor's own libraries want it. */
function messagesBase(baseUrl: string): string {
  return /\/v\d+$/.test(baseUrl) ? baseUrl : `${baseUrl}/v1`;
}

function headersFor({ apiKey = "", params, authHeader, headers }: ModelTarget): Record<string, string> {
  const bearer = authHeader === true || OAUTH_KEY.test(apiKey);
  const betas = [
    params?.context1m === true ? LONG_CONTEXT : undefined,
    OAUTH_KEY.test(apiKey) ? OAUTH : undefined,
    headers?.["anthropic-beta"],
  ].filter((beta) => beta !== undefined);
  return {
    "anthropic-version": "2023-06-01",
    ...(betas.length > 0 && { "anthropic-beta": betas.join(",") }),
    ...(apiKey !== "" && (bearer ? { authorization: `Bearer ${apiKey}` } : { "x-api-key": apiKey })),
  };
}
