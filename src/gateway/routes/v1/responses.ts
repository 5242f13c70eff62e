import { randomUUID } from "node:crypto";
import { requireOpenAi } from "../../openai/enabled.ts";
import { defineRoute } from "../../route.ts";

const PREFIX = "resp_";

/** One turn of an agent by the Responses API; loaded when somebody first speaks it (protocol.md §11.3). */
export default defineRoute({
  paths: ["/v1/responses"],
  methods: ["POST"],
  auth: "bearer",
  maxBodyBytes: 20 * 1024 * 1024,
  async run(context) {
    const { services, request, response, json } = context;
    requireOpenAi(services, "responses");
    const [{ parseResponses }, { openResponsesReply }, { agentsOf, answerByAgent }] = await Promise.all([
      import("../../openai/responses-request.ts"),
      import("../../openai/responses-reply.ts"),
      import("../../openai/take.ts"),
    ]);
    const now = services.clock.now();
    const body = await json();
    const agents = agentsOf(services);
    // A response is the run that made it, so what it belongs to is on record already.
    const wanted = parseResponses(body, request.headers, agents, now, (id) =>
      id.startsWith(PREFIX) ? services.turns.journal.find(id.slice(PREFIX.length))?.sessionKey : undefined,
    );
    const runId = randomUUID();
    const reply = openResponsesReply(`${PREFIX}${runId}`, wanted, response, now);
    await answerByAgent(wanted, runId, reply, context);
  },
});
