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
    return {
      id,
      isDefault,
      ...(settings.name !== undefined && { name: settings.name }),
      workspace: settings.workspace ?? sharedWorkspace(id, isDefault, shared?.workspace, paths),
      ...(model !== undefined && { model: modelChoice(model) }),
      settings,
    };
  });
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
