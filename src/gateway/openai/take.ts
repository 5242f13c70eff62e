import { defaultAgentId } from "../../config/agents.ts";
import { Fault } from "../../platform/fault.ts";
import type { DropReason, Taken, TurnOutcome } from "../../turn/outcome.ts";
import { takeTurn } from "../../turn/turn.ts";
import { HttpRefusal, type RouteContext } from "../route.ts";
import type { GatewayServices } from "../services.ts";
import type { AgentReply } from "./agent-reply.ts";
import type { AgentRequest, Agents } from "./agent-request.ts";

export function agentsOf({ turns, loaded }: GatewayServices): Agents {
  return { ids: turns.agents().map(({ id }) => id), defaultId: defaultAgentId(loaded.config) };
}

/** One turn of an agent for a caller that waits for it; who goes away takes the turn along. */
export async function answerByAgent(
  request: AgentRequest,
  runId: string,
  reply: AgentReply,
  { services, signal }: Pick<RouteContext, "services" | "signal">,
): Promise<void> {
  const { turns } = services;
  await requireModel(request, services);
  const taken = takeTurn(
    {
      surface: "http",
      runId,
      sessionKey: request.sessionKey,
      agentId: request.agentId,
      text: request.text,
      images: request.images,
      clientTools: request.clientTools,
      ...(request.mustCall && { mustCall: true }),
      followUp: request.followUp,
      queueMode: "followup",
      model: request.backendModel,
      extraSystemPrompt: request.context,
      ...(request.temperature !== undefined && { temperature: request.temperature }),
      ...(request.maxTokens !== undefined && { maxTokens: request.maxTokens }),
      originConnId: undefined,
      resumable: false,
      watch: reply.watch,
    },
    turns,
  );
  const { sessionKey, done } = acceptedOrRefuse(taken);
  // Nobody reads on: the upstream call is not worth its money any more.
  signal.addEventListener("abort", () => turns.lanes.abort(sessionKey, runId, "client went away"), {
    once: true,
  });
  const outcome: TurnOutcome = await done;
  reply.end(outcome);
}

/** A wrong `x-openclaw-model` is the caller's mistake and is said before anything is stored. */
async function requireModel(
  { backendModel, agentId }: AgentRequest,
  { turns }: GatewayServices,
): Promise<void> {
  if (backendModel === undefined) return;
  const agent = turns.agents().find(({ id }) => id === agentId)!;
  try {
    await turns.chooseModel(agent, backendModel);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new HttpRefusal(404, "invalid_request_error", `x-openclaw-model: ${error.message}`);
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
