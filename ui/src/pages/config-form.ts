import { isRecord } from "../../../src/protocol/frames.ts";

/** A setting the form can show. Lists of objects and the like are for the text. */
export interface Field {
  path: readonly string[];
  kind: "boolean" | "choice" | "number" | "text" | "lines";
  options: readonly string[];
  /** As the file has it; undefined where it says nothing. */
  value: unknown;
}

export interface Edit {
  path: readonly string[];
  before: unknown;
  /** Undefined takes it out of the file. */
  after: unknown;
}

type Schema = Record<string, unknown>;

const MAX_DEPTH = 12;

/** Every setting of the schema, and of its maps those the file has. */
export function fieldsOf(schema: Schema, value: unknown, path: readonly string[] = []): Field[] {
  if (path.length > MAX_DEPTH) return [];
  const field = fieldOf(schema, value, path);
  if (field) return [field];
  const known = isRecord(value) ? value : {};
  const own = isRecord(schema.properties) ? schema.properties : {};
  const fields = Object.entries(own).flatMap(([key, below]) =>
    isRecord(below) ? fieldsOf(below, known[key], [...path, key]) : [],
  );
  const { additionalProperties: others } = schema;
  if (!isRecord(others)) return fields;
  return [
    ...fields,
    ...Object.keys(known)
      .filter((key) => !Object.hasOwn(own, key))
      .flatMap((key) => fieldsOf(others, known[key], [...path, key])),
  ];
}

function fieldOf(schema: Schema, value: unknown, path: readonly string[]): Field | undefined {
  const plain = plainest(schema);
  const make = (kind: Field["kind"], options: readonly string[] = []): Field | undefined =>
    fits(kind, value) ? { path, kind, options, value } : undefined;
  if (Array.isArray(plain.enum)) return make("choice", plain.enum.map(String));
  switch (plain.type) {
    case "boolean":
      return make("boolean");
    case "integer":
    case "number":
      return make("number");
    case "string":
      return make("text");
    case "array":
      return isRecord(plain.items) && plain.items.type === "string" ? make("lines") : undefined;
    default:
      return undefined;
  }
}

/** Of several ways to write a setting the simplest. */
function plainest(schema: Schema): Schema {
  const ways = Array.isArray(schema.anyOf) ? schema.anyOf.filter(isRecord) : [];
  return ways.find(({ type }) => type !== "object" && type !== "array") ?? ways[0] ?? schema;
}

/** What the file says in another way, as an object say, stays for the text. */
function fits(kind: Field["kind"], value: unknown): boolean {
  if (value === undefined) return true;
  if (kind === "lines") return Array.isArray(value) && value.every((each) => typeof each === "string");
  if (kind === "boolean") return typeof value === "boolean";
  return typeof value === "string" || typeof value === "number";
}

/** What a person typed, as the value it means; undefined for nothing. */
export function meaningOf(kind: Field["kind"], typed: string): unknown {
  if (typed.trim() === "") return undefined;
  switch (kind) {
    case "boolean":
      return typed === "true";
    case "number": {
      const number = Number(typed);
      // The gateway says what is wrong with it.
      return Number.isFinite(number) ? number : typed;
    }
    case "lines":
      return typed
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "");
    default:
      return typed;
  }
}

export function typedOf(value: unknown): string {
  if (value === undefined) return "";
  return Array.isArray(value) ? value.join("\n") : String(value);
}

/** The edits as one merge patch (RFC 7396). */
export function patchOf(edits: readonly Edit[]): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const { path, after } of edits) {
    let at = patch;
    for (const key of path.slice(0, -1)) {
      if (!Object.hasOwn(at, key)) at[key] = {};
      at = at[key] as Record<string, unknown>;
    }
    at[path.at(-1)!] = after === undefined ? null : after;
  }
  return patch;
}
