import { configSchema } from "./schema.ts";

/** The config as JSON Schema (draft-07), for editors and the Control UI. The converter is loaded with the first call. */
export async function configJsonSchema(): Promise<Record<string, unknown>> {
  const { toJsonSchema } = await import("@valibot/to-json-schema");
  // Checks a JSON Schema has no words for are left out of it; the loader still makes them.
  const schema = toJsonSchema(configSchema, { target: "draft-07", typeMode: "output", errorMode: "ignore" });
  return { ...schema, title: "OpenClaw config" };
}
