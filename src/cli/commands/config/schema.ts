import { configJsonSchema } from "../../../config/schema-json.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Print the JSON Schema of the config",
  description: ["Editors check the file and complete its keys with it."],
  options: {},
  run: () => configJsonSchema(),
  render(schema, { io }) {
    io.out(JSON.stringify(schema, null, 2));
  },
});
