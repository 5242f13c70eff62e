/** Operator scopes (protocol.md §7.2). A policy's zero value is the empty set: nothing is allowed. */
export type Scope =
  | "operator.read"
  | "operator.write"
  | "operator.admin"
  | "operator.pairing"
  | "operator.approvals"
  | "operator.questions"
  | "operator.talk"
  | "operator.talk.secrets"
  | "operator.sessions.write";

export type Role = "operator" | "node";

const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  "operator.write": ["operator.read", "operator.talk", "operator.sessions.write"],
};

/** True when the granted scopes cover the wanted one: itself, an implication, or admin. */
export function hasScope(granted: ReadonlySet<string>, wanted: string): boolean {
  if (granted.has(wanted) || granted.has("operator.admin")) return true;
  for (const scope of granted) if (IMPLIED[scope]?.includes(wanted)) return true;
  return false;
}

/** True when every wanted scope is covered. */
export function coversAll(granted: ReadonlySet<string>, wanted: readonly string[]): boolean {
  return wanted.every((scope) => hasScope(granted, scope));
}

/** What a bearer of the shared secret may do over HTTP. */
export const ALL_SCOPES: readonly Scope[] = [
  "operator.admin",
  "operator.read",
  "operator.write",
  "operator.approvals",
  "operator.questions",
  "operator.pairing",
  "operator.talk",
  "operator.talk.secrets",
  "operator.sessions.write",
];
