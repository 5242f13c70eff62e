import { requireOpenAi } from "../../openai/enabled.ts";
import { sendJson } from "../../respond.ts";
import { defineRoute, HttpRefusal } from "../../route.ts";

/** Agents as OpenAI models: `openclaw` is the default agent (protocol.md §11.3). */
export default defineRoute({
  paths: ["/v1/models"],
  prefix: true,
  methods: ["GET"],
  auth: "bearer",
  maxBodyBytes: 0,
  run({ services, rest, response }) {
    requireOpenAi(services, "any");
    const agents = services.turns.agents().map((agent) => `openclaw/${agent.id}`);
    const models = ["openclaw", "openclaw/default", ...agents].map((id) => ({
      id,
      object: "model",
      created: 0,
      owned_by: "openclaw",
      permission: [],
    }));
    if (rest === "") return sendJson(response, 200, { object: "list", data: models });
    const model = models.find(({ id }) => id === rest);
    if (!model)
      throw new HttpRefusal(404, "model_not_found", `The model '${rest.slice(0, 100)}' does not exist.`);
    sendJson(response, 200, model);
  },
});
