import * as v from "valibot";
import { type ConfigPath, formatPath } from "./path.ts";
import { isSecretPath } from "./redact.ts";
import { type Config, configSchema } from "./schema.ts";

/** Something that is wrong, before it is known in which file and line. */
export interface Problem {
  /** What the message is about. */
  path: ConfigPath;
  message: string;
  /** Where to look, when that is not `path` itself: an unrecognised key has a place of its own. */
  at?: ConfigPath;
}

export type Validated = { ok: true; config: Config } | { ok: false; problems: Problem[] };

/** Misspelt keys are named all at once, up to this many in one object. */
const MAX_ROUNDS = 20;
/** In a text with more than these the first misspelt key of each object has to do. */
const MAX_ENTRIES = 10_000;
/** A text that is no config at all can have hundreds of thousands. */
const MAX_PROBLEMS = 1_000;

/** Checks a resolved config against the schema. Never throws. */
export function validateConfig(value: unknown): Validated {
  const problems: Problem[] = [];
  let rest = value;
  const rounds = hasMoreEntries(value, MAX_ENTRIES) ? 1 : MAX_ROUNDS;
  for (let round = 0; round < rounds; round++) {
    const result = v.safeParse(configSchema, rest);
    if (result.success) {
      problems.push(...repeatedAgents(result.output));
      return problems.length === 0 ? { ok: true, config: result.output } : { ok: false, problems };
    }
    const issues = result.issues.slice(0, MAX_PROBLEMS).flatMap(flatten);
    const unknown = issues.filter(isUnknownKey);
    for (const issue of unknown) problems.push(describe(issue));
    const isLast = round === rounds - 1 || problems.length >= MAX_PROBLEMS;
    // The schema library stops at the first unknown key of an object: take those away and look again.
    if (unknown.length === 0 || isLast) {
      for (const issue of issues) if (!isUnknownKey(issue)) problems.push(describe(issue));
      break;
    }
    if (rest === value) rest = structuredClone(value);
    for (const issue of unknown) remove(rest, pathOf(issue));
  }
  return { ok: false, problems };
}

type Issue = v.BaseIssue<unknown>;

/** Where several shapes are allowed, the complaint about the shape that was meant is the helpful one. */
function flatten(issue: Issue): Issue[] {
  const deeper = issue.issues?.filter((inner) => inner.path !== undefined) ?? [];
  if (deeper.length === 0) return [issue];
  return deeper.flatMap((inner) =>
    flatten({ ...inner, path: [...(issue.path ?? []), ...inner.path!] as Issue["path"] }),
  );
}

function pathOf(issue: Issue): ConfigPath {
  return issue.path?.map((item) => item.key as string | number) ?? [];
}

function isUnknownKey(issue: Issue): boolean {
  return issue.type === "strict_object" && issue.expected === "never";
}

function describe(issue: Issue): Problem {
  const at = pathOf(issue);
  // The messages of `section` are whole sentences about one key; all others say what was expected.
  if (issue.type === "strict_object") {
    const container = at.slice(0, -1);
    return { path: container, message: issue.message, at: isUnknownKey(issue) ? at : container };
  }
  const kind = issue.kind === "schema" && issue.type !== "picklist" ? "type" : "value";
  return { path: at, message: `Invalid ${kind}: expected ${issue.message}, got ${show(issue.input, at)}` };
}

/** What was found, without giving away a secret. */
function show(input: unknown, path: ConfigPath): string {
  if (Array.isArray(input)) return "a list";
  if (input === null) return "null";
  if (typeof input === "object") return "an object";
  if (isSecretPath(path)) return `a ${typeof input}`;
  if (typeof input !== "string") return String(input);
  return JSON.stringify(input.length > 40 ? `${input.slice(0, 40)}…` : input);
}

/** Counts the entries of objects and lists, no further than it has to. */
function hasMoreEntries(value: unknown, max: number): boolean {
  let left = max;
  const visit = (node: unknown): boolean => {
    if (typeof node !== "object" || node === null) return false;
    const children = Object.values(node);
    left -= children.length;
    return left < 0 || children.some(visit);
  };
  return visit(value);
}

function remove(value: unknown, path: ConfigPath): void {
  let here = value as Record<string | number, unknown>;
  for (const segment of path.slice(0, -1)) here = here[segment] as Record<string | number, unknown>;
  delete here[path.at(-1)!];
}

function repeatedAgents(config: Config): Problem[] {
  const seen = new Set<string>();
  return (config.agents?.list ?? []).flatMap(({ id }, i) => {
    const path = ["agents", "list", i, "id"];
    if (seen.has(id.toLowerCase())) {
      return [
        { path, message: `Repeated agent id: "${id}" is already in ${formatPath(["agents", "list"])}` },
      ];
    }
    seen.add(id.toLowerCase());
    return [];
  });
}
