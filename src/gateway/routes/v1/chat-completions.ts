import { randomUUID } from "node:crypto";
import { defaultAgentId } from "../../../config/agents.ts";
import { Fault } from "../../../platform/fault.ts";
import type { DropReason, Taken } from "../../../turn/outcome.ts";
import { takeTurn } from "../../../turn/turn.ts";
import { requireOpenAi } from "../../openai/enabled.ts";
import { openReply } from "../../openai/reply.ts";
import { type CompletionRequest, parseCompletion } from "../../openai/request.ts";
import { defineRoute, HttpRefusal } from "../../route.ts";
import type { GatewayServices } from "../../services.ts";

/** One turn of an agent, spoken to like an OpenAI model (protocol.md §11.3). */
export default defineRoute({
  paths: ["/v1/chat/completions"],
  methods: ["POST"],
  auth: "bearer",
  maxBodyBytes: 20 * 1024 * 1024,
  async run({ services, request, response, signal, json }) {
    requireOpenAi(services);
    const { turns, clock } = services;
    const body = await json();
    const agentIds = turns.agents().map((agent) => agent.id);
    const completion = parseCompletion(
      body,
      request.headers,
      agentIds,
      defaultAgentId(services.loaded.config),
    );
    await requireModel(completion, services);
    const reply = openReply(completion, response, clock.now());
    const taken = takeTurn(
      {
        surface: "http",
        runId: randomUUID(),
        sessionKey: completion.sessionKey,
        agentId: completion.agentId,
        text: completion.text,
        images: completion.images,
        queueMode: "followup",
        model: completion.backendModel,
        extraSystemPrompt: completion.context,
        ...(completion.temperature !== undefined && { temperature: completion.temperature }),
        ...(completion.maxTokens !== undefined && { maxTokens: completion.maxTokens }),
        originConnId: undefined,
        resumable: false,
        watch: reply.watch,
      },
      turns,
    );
    const { runId, sessionKey, done } = acceptedOrRefuse(taken);
    // Nobody reads on: the upstream call is not worth its money any more.
    signal.addEventListener("abort", () => turns.lanes.abort(sessionKey, runId, "client went away"), {
      once: true,
    });
    reply.end(await done);
  },
});

/** A wrong `x-openclaw-model` is the caller's mistake and is said before anything is stored. */
async function requireModel(
  { backendModel, agentId }: CompletionRequest,
  { turns }: GatewayServices,
): Promise<void> {
  if (backendModel === undefined) return;
  const agent = turns.agents().find(({ id }) => id === agentId)!;
  try {
    await turns.chooseModel(agent, backendModel);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new HttpRefusal(400, "invalid_request_error", `x-openclaw-model: ${error.message}`);
  }
}

/** Reasons that pass by themselves. */
const BUSY: ReadonlySet<DropReason> = new Set([
  "shutting-down",
  "queue-full",
  "storage-full",
  "memory-pressure",
  "safe-mode",
]);

function acceptedOrRefuse(taken: Taken): Extract<Taken, { kind: "accepted" }> {
  switch (taken.kind) {
    case "accepted":
      return taken;
    case "duplicate":
      throw new HttpRefusal(409, "invalid_request_error", "This run was accepted before.");
    case "dropped": {
      throw BUSY.has(taken.reason)
        ? new HttpRefusal(503, "unavailable", taken.message, { "retry-after": "2" })
        : new HttpRefusal(400, "invalid_request_error", taken.message);
    }
  }
}
