import { type BaseIssue, type GenericSchema, type InferOutput, safeParse } from "valibot";
import { GatewayError } from "../protocol/errors.ts";

/** Parses parameters; what does not fit is refused in the wording clients know (protocol.md §3). */
export function parseParams<Schema extends GenericSchema>(
  schema: Schema,
  params: unknown,
  subject: string,
): InferOutput<Schema> {
  const parsed = safeParse(schema, params ?? {}, { abortEarly: true });
  if (parsed.success) return parsed.output;
  throw new GatewayError("INVALID_REQUEST", `invalid ${subject} params: ${describeIssue(parsed.issues[0])}`);
}

/** "at /client/id: must be string"; problems of the root object carry no place. */
export function describeIssue(issue: BaseIssue<unknown>): string {
  const path = (issue.path ?? []).map((item) => String(item.key));
  const missing = issue.received === "undefined" && path.length > 0;
  const place = missing ? path.slice(0, -1) : path;
  const problem = missing ? `must have required property '${path.at(-1)}'` : explain(issue);
  return place.length === 0 ? problem : `at /${place.join("/")}: ${problem}`;
}

function explain(issue: BaseIssue<unknown>): string {
  const requirement = "requirement" in issue ? issue.requirement : undefined;
  switch (issue.type) {
    case "picklist":
    case "literal":
      return "must be equal to one of the allowed values";
    case "non_empty":
    case "min_length":
      return `must NOT have fewer than ${requirement ?? 1} characters`;
    case "max_length":
      return `must NOT have more than ${requirement} characters`;
    case "min_value":
      return `must be >= ${requirement}`;
    case "max_value":
      return `must be <= ${requirement}`;
    case "integer":
      return "must be integer";
    case "strict_object":
      return `unexpected property '${String(issue.received).replaceAll('"', "")}'`;
    case "check":
    case "regex":
      return issue.message;
    default:
      return `must be ${(issue.expected ?? "valid").toLowerCase()}`;
  }
}
