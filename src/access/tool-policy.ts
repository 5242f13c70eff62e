import type { ToolPolicy } from "../config/schema.ts";

/** Names that stand for several tools in existing configs; the other known ones stand for tools this version lacks. */
const GROUPS: ReadonlyMap<string, readonly string[]> = new Map([
  ["group:fs", ["read", "write", "list"]],
  ["group:runtime", ["exec"]],
  ["group:openclaw", ["read", "write", "list", "exec"]],
]);

/**
 * Which of these tools an agent may use. Every policy (the global one, the agent's own) can only take away from what
 * the one before it left; what a policy says about prompts for approval, which nobody can answer yet, counts as no.
 */
export function allowedTools(names: readonly string[], ...policies: (ToolPolicy | undefined)[]): string[] {
  return policies.reduce((left, policy) => (policy ? apply(left, policy) : left), [...names]);
}

function apply(names: string[], { profile, allow, alsoAllow, deny, exec }: ToolPolicy): string[] {
  const base = profile === "minimal" || profile === "messaging" ? [] : names;
  const listed = allow === undefined ? base : names.filter((name) => covers(allow, name));
  const added = names.filter((name) => listed.includes(name) || covers(alsoAllow ?? [], name));
  const kept = added.filter((name) => !covers(deny ?? [], name));
  const execNeedsAsking =
    (exec?.security !== undefined && exec.security !== "full") ||
    (exec?.ask !== undefined && exec.ask !== "off");
  return execNeedsAsking ? kept.filter((name) => name !== "exec") : kept;
}

function covers(list: readonly string[], name: string): boolean {
  return list.some((entry) => entry === "*" || entry === name || GROUPS.get(entry)?.includes(name));
}
