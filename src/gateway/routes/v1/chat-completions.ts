import { randomUUID } from "node:crypto";
import { requireOpenAi } from "../../openai/enabled.ts";
import { defineRoute } from "../../route.ts";

/** One turn of an agent, spoken to like an OpenAI model; loaded when somebody first does (protocol.md §11.3). */
export default defineRoute({
  paths: ["/v1/chat/completions"],
  methods: ["POST"],
  auth: "bearer",
  maxBodyBytes: 20 * 1024 * 1024,
  async run(context) {
    const { services, request, response, json } = context;
    requireOpenAi(services, "chatCompletions");
    const [{ parseCompletion }, { openReply }, { agentsOf, answerByAgent }] = await Promise.all([
      import("../../openai/request.ts"),
      import("../../openai/reply.ts"),
      import("../../openai/take.ts"),
    ]);
    const now = services.clock.now();
    const completion = parseCompletion(await json(), request.headers, agentsOf(services), now);
    await answerByAgent(completion, randomUUID(), openReply(completion, response, now), context);
  },
});
