import { join } from "node:path";
import type { Paths } from "../platform/paths.ts";
import type { AgentEntry, Config } from "./schema.ts";

export interface ConfiguredAgent {
  /** Lower case, [a-z0-9][a-z0-9_-]{0,63}. */
  id: string;
  isDefault: boolean;
  name?: string;
  /** Absolute. */
  workspace: string;
  /** The agent's own choice, else the one for all agents; absent when neither says anything. */
  model?: { primary?: string; fallbacks: string[] };
  /** Everything the config says about this agent. */
  settings: AgentEntry;
  /** Its own words laid over those for all agents, key by key. */
  compaction: NonNullable<AgentEntry["compaction"]>;
  budget: NonNullable<AgentEntry["budget"]>;
  /** Where the agent's own budget is written. */
  budgetPath: string;
  /** At most so many tokens of a model's window are used. */
  contextTokens?: number;
  /** How much of the workspace's files enters the prompt: of one, and of all. */
  promptFileChars?: number;
  promptTotalChars?: number;
}

const MAIN = "main";

/** The agents of the config, in its order; there is always at least one. Exactly one is the default. */
export function configuredAgents(config: Config, paths: Paths): ConfiguredAgent[] {
  const entries = agentEntries(config);
  const defaultId = defaultIdOf(entries);
  const shared = config.agents?.defaults;
  return [...entries].map(([id, settings]) => {
    const isDefault = id === defaultId;
    const model = settings.model ?? shared?.model;
    const name = settings.name ?? settings.identity?.name;
    return {
      id,
      isDefault,
      ...(name !== undefined && { name }),
      workspace: settings.workspace ?? sharedWorkspace(id, isDefault, shared?.workspace, paths),
      ...(model !== undefined && { model: modelChoice(model) }),
      settings,
      compaction: { ...shared?.compaction, ...settings.compaction },
      budget: { ...shared?.budget, ...settings.budget },
      budgetPath: budgetPath(id, config),
      ...numbersOf(settings, shared),
    };
  });
}

function budgetPath(id: string, config: Config): string {
  const inEntries = Object.entries(config.agents?.entries ?? {}).find(([name]) => name.toLowerCase() === id);
  const inList = config.agents?.list?.findIndex((entry) => entry.id.toLowerCase() === id) ?? -1;
  if (inEntries?.[1].budget || inList < 0) return `agents.entries.${inEntries?.[0] ?? id}.budget`;
  return `agents.list[${inList}].budget`;
}

function numbersOf(
  own: AgentEntry,
  shared: AgentEntry | undefined,
): Pick<ConfiguredAgent, "contextTokens" | "promptFileChars" | "promptTotalChars"> {
  const contextTokens = own.contextTokens ?? shared?.contextTokens;
  const promptFileChars = own.bootstrapMaxChars ?? shared?.bootstrapMaxChars;
  const promptTotalChars = own.bootstrapTotalMaxChars ?? shared?.bootstrapTotalMaxChars;
  return {
    ...(contextTokens !== undefined && { contextTokens }),
    ...(promptFileChars !== undefined && { promptFileChars }),
    ...(promptTotalChars !== undefined && { promptTotalChars }),
  };
}

/** The agent that answers where nobody names one. */
export function defaultAgentId(config: Config): string {
  return defaultIdOf(agentEntries(config));
}

/** Both spellings, `list` and `entries`; an entry says more about an agent of the list. */
function agentEntries(config: Config): Map<string, AgentEntry> {
  const agents = new Map<string, AgentEntry>();
  for (const { id, ...entry } of config.agents?.list ?? []) agents.set(id.toLowerCase(), entry);
  for (const [id, entry] of Object.entries(config.agents?.entries ?? {})) {
    agents.set(id.toLowerCase(), { ...agents.get(id.toLowerCase()), ...entry });
  }
  if (agents.size === 0) agents.set(MAIN, {});
  return agents;
}

function defaultIdOf(entries: ReadonlyMap<string, AgentEntry>): string {
  for (const [id, entry] of entries) if (entry.default) return id;
  return entries.keys().next().value ?? MAIN;
}

/** The default agent has the shared folder to itself; the others get one of their own, so that no two share files. */
function sharedWorkspace(id: string, isDefault: boolean, shared: string | undefined, paths: Paths): string {
  if (isDefault) return shared ?? paths.workspaceDir;
  return shared === undefined ? `${paths.workspaceDir}-${id}` : join(shared, id);
}

function modelChoice(model: NonNullable<AgentEntry["model"]>): { primary?: string; fallbacks: string[] } {
  if (typeof model === "string") return { primary: model, fallbacks: [] };
  const { primary, fallbacks = [] } = model;
  return { ...(primary !== undefined && { primary }), fallbacks };
}
