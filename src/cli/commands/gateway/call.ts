import { ALL_SCOPES } from "../../../protocol/scopes.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { UsageError } from "../../usage.ts";

export default defineCommand({
  summary: "Call one method of the gateway and print its answer",
  description: ["The answer is printed as JSON. Methods are those of the WebSocket protocol."],
  positionals: { method: { summary: "for example health, chat.history, sessions.list" } },
  options: {
    params: { type: "string", placeholder: "json", summary: "parameters of the method" },
    ...clientOptions,
  },
  examples: ["openclaw gateway call health", `openclaw gateway call sessions.list --params '{"limit":5}'`],
  async run({ method, params }, { call, name }) {
    return call<unknown>(method, parseParams(params, name), { scopes: ALL_SCOPES });
  },
  render(answer, { io }) {
    io.out(JSON.stringify(answer ?? null, null, 2));
  },
});

function parseParams(text: string | undefined, name: string): unknown {
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`bad value for --params: ${(error as Error).message}`, name.split(" "));
  }
}
