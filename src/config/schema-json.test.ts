import assert from "node:assert/strict";
import { test } from "node:test";
import { UNUSED_SECTIONS } from "./schema.ts";
import { configJsonSchema } from "./schema-json.ts";

interface Node {
  type?: string;
  properties?: Record<string, Node>;
  additionalProperties?: boolean | Node;
  enum?: string[];
  items?: Node;
  maxItems?: number;
  anyOf?: Node[];
}

test("the JSON Schema says what the loader checks", async () => {
  const schema = (await configJsonSchema()) as unknown as Node & { $schema: string };
  assert.equal(schema.$schema, "http://json-schema.org/draft-07/schema#");
  assert.equal(schema.additionalProperties, false);
  const gateway = schema.properties!.gateway!;
  assert.equal(gateway.additionalProperties, false);
  assert.deepEqual(gateway.properties!.mode!.enum, ["local", "remote"]);
  assert.deepEqual(gateway.properties!.extraPorts, {
    type: "array",
    items: { type: "integer", minimum: 1, maximum: 65_535 },
    maxItems: 16,
  });
  assert.equal(schema.properties!.channels!.type, "object");
  for (const name of UNUSED_SECTIONS) assert.deepEqual(schema.properties![name], {});
});
