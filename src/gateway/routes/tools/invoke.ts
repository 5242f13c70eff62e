import { isRecord } from "../../../protocol/frames.ts";
import { sendJson } from "../../respond.ts";
import { defineRoute } from "../../route.ts";

/** One tool, once, without a model; loaded when somebody first calls one (protocol.md §11.4). */
export default defineRoute({
  paths: ["/tools/invoke"],
  methods: ["POST"],
  auth: "bearer",
  maxBodyBytes: 2 * 1024 * 1024,
  async run({ services, request, response, signal, json }) {
    const body = await json();
    const refuse = (status: number, type: string, message: string) =>
      sendJson(response, status, { ok: false, error: { type, message } });
    if (!isRecord(body)) return refuse(400, "invalid_request", "tools.invoke requires a JSON object");
    const { name = body.tool, args = {}, action } = body;
    if (typeof name !== "string" || name.trim() === "")
      return refuse(400, "invalid_request", "tools.invoke requires name");
    if (!isRecord(args)) return refuse(400, "invalid_request", "tools.invoke args must be an object");
    const { callerOf } = await import("../../openai/caller.ts");
    const caller = callerOf(request.headers, body.sessionKey);
    if ("problem" in caller) return refuse(400, "invalid_request", caller.problem);
    const { invokeTool } = await import("../../invoke-tool.ts");
    const outcome = await invokeTool(
      {
        name,
        args: typeof action === "string" ? { action, ...args } : args,
        ...caller,
        surface: "http",
      },
      services,
      signal,
    );
    if (response.destroyed) return;
    if (outcome.ok) {
      const { content, details } = outcome;
      return sendJson(response, 200, { ok: true, result: { content, ...(details && { details }) } });
    }
    const { code, message } = outcome;
    refuse({ not_found: 404, invalid_request: 400, tool_error: 500 }[code], code, message);
  },
});
