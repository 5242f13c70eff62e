import { randomUUID } from "node:crypto";
import { requireOpenAi } from "../../openai/enabled.ts";
import { openReply } from "../../openai/reply.ts";
import { parseCompletion } from "../../openai/request.ts";
import { agentsOf, answerByAgent } from "../../openai/take.ts";
import { defineRoute } from "../../route.ts";

/** One turn of an agent, spoken to like an OpenAI model (protocol.md §11.3). */
export default defineRoute({
  paths: ["/v1/chat/completions"],
  methods: ["POST"],
  auth: "bearer",
  maxBodyBytes: 20 * 1024 * 1024,
  async run(context) {
    const { services, request, response, json } = context;
    requireOpenAi(services, "chatCompletions");
    const now = services.clock.now();
    const completion = parseCompletion(await json(), request.headers, agentsOf(services), now);
    await answerByAgent(completion, randomUUID(), openReply(completion, response, now), context);
  },
});
