import { exchange, type WireProtocol } from "../exchange.ts";
import { bearer, defineProviderFactory } from "../provider.ts";
import { encodeRequest } from "../responses-messages.ts";
import { readReply } from "../responses-reply.ts";

const wire: WireProtocol = {
  request: (call) => ({
    url: `${call.target.baseUrl}/responses`,
    headers: bearer(call.target),
    body: encodeRequest(call),
  }),
  readReply,
};

/** POST <baseUrl>/responses as OpenAI defined it, always streamed. */
export default defineProviderFactory({
  api: "openai-responses",
  create: (services) => ({
    api: "openai-responses",
    call: (call, signal) => exchange(wire, services, call, signal),
  }),
});
