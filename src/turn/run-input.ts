import type { ModelChain } from "../agent/models.ts";
import { buildSystemPrompt } from "../agent/prompt.ts";
import type { ModelTarget } from "../agent/provider.ts";
import type { Candidate, CompactionSettings, RunInput } from "../agent/run.ts";
import { thinkingAs } from "../agent/thinking.ts";
import type { AnyTool } from "../agent/tool.ts";
import { WORKSPACE_CAPS } from "../agent/workspace.ts";
import type { ConfiguredAgent } from "../config/agents.ts";
import { Fault } from "../platform/fault.ts";
import { readConversation } from "../sessions/compaction.ts";
import { capsMoney, overBudget } from "./budget.ts";
import type { Turn } from "./open-turn.ts";
import type { TurnServices } from "./services.ts";

const MAX_STEPS = 40;

/** The config may have changed while the turn waited: the agent runs by what holds now. One that is gone keeps its word. */
export function currentAgent({ route }: Turn, services: TurnServices): ConfiguredAgent {
  return services.agents().find(({ id }) => id === route.agent.id) ?? route.agent;
}

/** Who may answer: the turn's own wish, then what was chosen for the conversation, then the agent's. */
export async function candidatesFor(
  turn: Turn,
  agent: ConfiguredAgent,
  services: TurnServices,
): Promise<[Candidate, ...Candidate[]]> {
  const { message, session } = turn;
  const { settings } = services.store.find(session.key) ?? session;
  const chain = await services.chooseModel(agent, message.model ?? settings.model);
  return candidatesOf(thinkingAs(message.thinking ?? settings.thinkingLevel, chain), services);
}

export type UsableTarget = { kind: "usable"; target: ModelTarget } | { kind: "unusable"; why: string };

/** The first of them, for whoever only wants to name it. */
export async function targetOf(turn: Turn, services: TurnServices): Promise<UsableTarget> {
  try {
    const [{ target }] = await candidatesFor(turn, currentAgent(turn, services), services);
    return { kind: "usable", target };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: "unusable", why: error.message };
  }
}

export function refOf({ provider, model }: ModelTarget): string {
  return `${provider}/${model}`;
}

/** What a run needs beside its events. Reads the conversation last, so that it holds everything up to now. */
export async function runInputFor(
  turn: Turn,
  signal: AbortSignal,
  services: TurnServices,
): Promise<Omit<RunInput, "takeSteered" | "onEvent">> {
  const { clock, store, modelCalls } = services;
  const { message, session } = turn;
  const agent = currentAgent(turn, services);
  const clientTools = message.clientTools ?? [];
  const tools = message.mustCall
    ? []
    : services.toolsOf(agent).filter(({ name }) => clientTools.every((theirs) => theirs.name !== name));
  const candidates = await candidatesFor(turn, agent, services);
  if (capsMoney(agent)) warnOfPriceless(candidates, agent, services);
  const compaction = await compactionOf(agent, services);
  const { summary, messages } = readConversation(store.database, session.sessionId);
  return {
    runId: turn.runId,
    sessionKey: session.key,
    agentId: agent.id,
    workspace: agent.workspace,
    system: systemPromptOf(turn, agent, tools, services),
    history: messages,
    ...(summary !== undefined && { earlier: summary }),
    windows: services.windows,
    compaction,
    overBudget: () => overBudget(agent, modelCalls, clock.now()),
    candidates,
    cooldowns: services.cooldowns,
    tools,
    clientTools,
    ...(message.mustCall && { mustCall: true }),
    childEnv: services.childEnv,
    signal,
    clock,
    maxSteps: MAX_STEPS,
    ...(message.temperature !== undefined && { temperature: message.temperature }),
    ...(message.maxTokens !== undefined && { maxTokens: message.maxTokens }),
  };
}

function systemPromptOf(
  { message }: Turn,
  agent: ConfiguredAgent,
  tools: readonly AnyTool[],
  { clock, timeZone, workspaceFiles }: TurnServices,
): string {
  const { promptFileChars: file, promptTotalChars: total, settings } = agent;
  return buildSystemPrompt({
    agentName: agent.name ?? agent.id,
    ...(settings.identity && { identity: settings.identity }),
    workspaceFiles: workspaceFiles(agent.workspace, {
      file: file ?? WORKSPACE_CAPS.file,
      total: total ?? WORKSPACE_CAPS.total,
    }),
    tools,
    today: new Date(clock.now()).toDateString(),
    timeZone,
    surface: message.surface,
    ...(message.extraSystemPrompt && { extraSystemPrompt: message.extraSystemPrompt }),
  });
}

/** A model for summaries that cannot be used costs the wish, not the turn. */
async function compactionOf(agent: ConfiguredAgent, services: TurnServices): Promise<CompactionSettings> {
  const { mode, model, reserveTokens, reserveTokensFloor, keepRecentTokens } = agent.compaction;
  const reserve = Math.max(reserveTokens ?? 0, reserveTokensFloor ?? 0);
  return {
    enabled: mode !== "off",
    ...(agent.contextTokens !== undefined && { contextTokens: agent.contextTokens }),
    ...(reserve > 0 && { reserveTokens: reserve }),
    ...(keepRecentTokens !== undefined && { keepRecentTokens }),
    ...(model !== undefined && (await summariser(agent, model, services))),
  };
}

async function summariser(
  agent: ConfiguredAgent,
  ref: string,
  services: TurnServices,
): Promise<Pick<CompactionSettings, "candidate">> {
  try {
    const [candidate] = candidatesOf(await services.chooseModel(agent, ref), services);
    return { candidate };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    services.log.warn(`agents.defaults.compaction.model cannot be used: ${error.message}`, {
      step: "run",
      model: ref,
      fix: error.fix,
    });
    return {};
  }
}

/** Models whose protocol this version does not speak are left out; where none is left, that is the turn's end. */
function candidatesOf(
  { targets, unusable }: ModelChain,
  { provider: providerFor, log }: TurnServices,
): [Candidate, ...Candidate[]] {
  const candidates = targets.flatMap((target): Candidate[] => {
    const provider = providerFor(target.api);
    return provider ? [{ target, provider }] : [];
  });
  for (const { ref, why } of unusable)
    log.debug(`fallback ${ref} cannot be used: ${why}`, { step: "run", model: ref });
  const [first, ...rest] = candidates;
  if (first) return [first, ...rest];
  const { provider, model, api } = targets[0];
  throw new Fault(`model ${provider}/${model} needs api "${api}", which this version does not have`, {
    fix: `openclaw config set models.providers.${provider}.api openai-completions`,
  });
}

/** Money that is not counted would be spent unseen; the owner hears of it with each run. */
function warnOfPriceless(
  candidates: readonly Candidate[],
  agent: ConfiguredAgent,
  { log }: TurnServices,
): void {
  const { target } =
    candidates.find(({ target }) => target.cost === undefined && target.api !== "demo") ?? {};
  if (!target) return;
  const { provider, model } = target;
  log.warn(
    `the budget of agent "${agent.id}" counts money, and ${provider}/${model} has no price: what it costs is not counted`,
    {
      step: "run",
      fix: `set cost of ${model} in models.providers.${provider}.models, or a budget in tokens`,
    },
  );
}
