import { exchange, type WireProtocol } from "../exchange.ts";
import { encodeRequest } from "../openai-messages.ts";
import { readReply } from "../openai-reply.ts";
import { bearer, defineProviderFactory } from "../provider.ts";

const wire: WireProtocol = {
  request: (call) => ({
    url: `${call.target.baseUrl}/chat/completions`,
    headers: bearer(call.target),
    body: encodeRequest(call),
  }),
  readReply,
};

/** POST <baseUrl>/chat/completions as OpenAI defined it and many others speak it, always streamed. */
export default defineProviderFactory({
  api: "openai-completions",
  create: (services) => ({
    api: "openai-completions",
    call: (call, signal) => exchange(wire, services, call, signal),
  }),
});
