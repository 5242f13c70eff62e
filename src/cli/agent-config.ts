import { configuredAgents } from "../config/agents.ts";
import type { ConfigPath } from "../config/path.ts";
import type { Config } from "../config/schema.ts";
import { Fault } from "../platform/fault.ts";
import type { Paths } from "../platform/paths.ts";

export interface Edit {
  path: ConfigPath;
  value: unknown;
}

/** Which messages go to an agent, as `bindings` of the config has it. */
export interface Binding {
  agentId: string;
  match?: { channel?: string; accountId?: string; peer?: { kind?: string; id?: string } };
}

/** Where the config says something about this agent: in `agents.entries` or in `agents.list`. */
export function placesOf(id: string, { agents }: Config): ConfigPath[] {
  const places: ConfigPath[] = [];
  const entry = Object.keys(agents?.entries ?? {}).find((name) => name.toLowerCase() === id);
  if (entry !== undefined) places.push(["agents", "entries", entry]);
  const at = (agents?.list ?? []).findIndex((each) => each.id.toLowerCase() === id);
  if (at >= 0) places.push(["agents", "list", at]);
  return places;
}

/** A new agent goes where the others are. The first one that is named keeps the one that was there unnamed. */
export function editsForNew(id: string, settings: Record<string, unknown>, { agents }: Config): Edit[] {
  const list = agents?.list ?? [];
  const entries = Object.keys(agents?.entries ?? {});
  if (list.length > 0 && entries.length === 0) {
    return [{ path: ["agents", "list"], value: [...list, { id, ...settings }] }];
  }
  const others =
    entries.length === 0 && id !== "main"
      ? [{ path: ["agents", "entries", "main"], value: { default: true } }]
      : [];
  return [...others, { path: ["agents", "entries", id], value: settings }];
}

export function bindingsOf(config: Config): Binding[] {
  return ((config as { bindings?: Binding[] }).bindings ?? []).filter(
    ({ agentId }) => typeof agentId === "string",
  );
}

export function describeMatch({ match = {} }: Binding): string {
  const { channel, accountId, peer } = match;
  const parts = [
    channel ?? "every channel",
    accountId && `account ${accountId}`,
    peer?.id && `${peer.kind ?? "peer"} ${peer.id}`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** The id as the config has it, in lower case; throws `Fault` (1) where there is no such agent. */
export function requireAgentId(id: string, config: Config, paths: Paths): string {
  const wanted = id.toLowerCase();
  if (configuredAgents(config, paths).some((agent) => agent.id === wanted)) return wanted;
  throw new Fault(`there is no agent "${id}"`, {
    why: `the config has ${configuredAgents(config, paths)
      .map((agent) => agent.id)
      .join(", ")}`,
    fix: `openclaw agents add ${/^[a-z0-9][a-z0-9_-]{0,63}$/i.test(id) ? id : "<id>"}`,
  });
}
