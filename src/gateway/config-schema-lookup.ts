import { type ConfigPath, formatPath, parsePath } from "../config/path.ts";
import { isSecretPath } from "../config/redact.ts";
import { type ReloadKind, reloadKindOf } from "../config/reload-plan.ts";
import { configJsonSchema } from "../config/schema-json.ts";
import { Fault } from "../platform/fault.ts";
import { isRecord } from "../protocol/frames.ts";

type Schema = Record<string, unknown>;

export interface SchemaChild {
  /** `*` stands for every entry of a list or of a map with free names. */
  key: string;
  path: string;
  type?: unknown;
  required: boolean;
  hasChildren: boolean;
  reloadKind: ReloadKind;
  hint?: { sensitive: true };
  hintPath?: string;
}

export interface SchemaPlace {
  path: string;
  /** Without what lies below. */
  schema: Schema;
  reloadKind: ReloadKind;
  hint?: { sensitive: true };
  hintPath?: string;
  children: SchemaChild[];
}

const ANY = "*";

/** What the schema says about a path such as `gateway.auth` or `models.providers.*`; undefined where there is no key. */
export async function lookUpSchema(text: string): Promise<SchemaPlace | undefined> {
  const root = await configJsonSchema();
  const path = readPath(text);
  const node = path?.reduce<Schema | undefined>(
    (at, segment) => at && childrenOf(at).get(keyOf(at, segment)),
    root,
  );
  if (!path || !node) return undefined;
  return {
    path: formatPath(path),
    schema: shallow(node),
    reloadKind: reloadKindOf(path),
    ...hintOf(path),
    children: [...childrenOf(node)].map(([key, child]) => describe(node, child, [...path, key])),
  };
}

function describe(parent: Schema, child: Schema, path: ConfigPath): SchemaChild {
  const key = String(path.at(-1));
  return {
    key,
    path: formatPath(path),
    ...(child.type !== undefined && { type: child.type }),
    required: options(parent).some(({ required }) => Array.isArray(required) && required.includes(key)),
    hasChildren: childrenOf(child).size > 0,
    reloadKind: reloadKindOf(path),
    ...hintOf(path),
  };
}

function readPath(text: string): ConfigPath | undefined {
  try {
    return parsePath(text);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function keyOf(node: Schema, segment: string | number): string {
  const key = String(segment);
  return childrenOf(node).has(key) ? key : ANY;
}

/** A value of several kinds has the children of all of them. */
function childrenOf(node: Schema): Map<string, Schema> {
  const children = new Map<string, Schema>();
  for (const { properties, additionalProperties, items } of options(node)) {
    for (const [key, child] of Object.entries(isRecord(properties) ? properties : {})) {
      children.set(key, child as Schema);
    }
    for (const any of [additionalProperties, items]) if (isRecord(any)) children.set(ANY, any);
  }
  return children;
}

function options(node: Schema): Schema[] {
  return Array.isArray(node.anyOf) ? (node.anyOf as Schema[]) : [node];
}

function shallow({ properties, additionalProperties, items, anyOf, ...own }: Schema): Schema {
  return {
    ...own,
    ...(typeof additionalProperties === "boolean" && { additionalProperties }),
    ...(Array.isArray(anyOf) && { anyOf: (anyOf as Schema[]).map(shallow) }),
  };
}

function hintOf(path: ConfigPath): { hint: { sensitive: true }; hintPath: string } | undefined {
  return isSecretPath(path) ? { hint: { sensitive: true }, hintPath: formatPath(path) } : undefined;
}
