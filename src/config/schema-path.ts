import type { ConfigPath } from "./path.ts";
import { configSchema } from "./schema.ts";

/** What a path can hold; "any" lies in a part that is not looked into. */
export type PathKind = "object" | "list" | "value" | "any";

/** The parts of a schema node that are walked. */
interface Node {
  kind: string;
  type: string;
  wrapped?: Node;
  pipe?: Node[];
  entries?: Record<string, Node>;
  value?: Node;
  item?: Node;
  options?: (Node | string)[];
}

/** What the schema says about a path, or undefined when there is no such key. */
export function kindOfPath(path: ConfigPath): PathKind | undefined {
  return kindBelow(configSchema as unknown as Node, path);
}

function kindBelow(wrapped: Node, path: ConfigPath): PathKind | undefined {
  const node = unwrap(wrapped);
  const [segment, ...rest] = path;
  if (node.type === "unknown") return "any";
  if (node.type === "union") {
    const kinds = node
      .options!.map((option) => kindBelow(option as Node, path))
      .filter((kind) => kind !== undefined);
    return kinds.find((kind) => kind === "value") ?? kinds[0];
  }
  if (segment === undefined) return KINDS[node.type] ?? "value";
  switch (node.type) {
    case "strict_object":
    case "loose_object": {
      const entry = Object.hasOwn(node.entries!, segment) ? node.entries![segment] : undefined;
      if (entry) return kindBelow(entry, rest);
      return node.type === "loose_object" ? "any" : undefined;
    }
    case "record":
      return kindBelow(node.value!, rest);
    case "array":
      return /^\d+$/.test(String(segment)) ? kindBelow(node.item!, rest) : undefined;
    default:
      return undefined;
  }
}

const KINDS: Readonly<Record<string, PathKind>> = {
  strict_object: "object",
  loose_object: "object",
  record: "object",
  array: "list",
};

/** Optional values and pipelines are about the schema inside; of several in a pipeline the last one decides. */
function unwrap(node: Node): Node {
  if (node.wrapped) return unwrap(node.wrapped);
  const inner = node.pipe?.findLast((step) => step.kind === "schema");
  return inner ? unwrap(inner) : node;
}
