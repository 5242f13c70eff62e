import { configSchema } from "./schema.ts";

let built: Promise<object> | undefined;

/** JSON Schema (draft-07) of the config file; made when somebody asks, once. */
export function configJsonSchema(): Promise<object> {
  built ??= import("@valibot/to-json-schema").then(({ toJsonSchema }) => toJsonSchema(configSchema, { errorMode: "ignore" }));
  return built;
}
