import { defineRoute, HttpRefusal } from "../route.ts";

/** `/sessions/<key>/history` and `/sessions/<key>/kill`; loaded when somebody first asks (protocol.md §11.6). */
export default defineRoute({
  paths: ["/sessions"],
  prefix: true,
  methods: ["GET", "POST"],
  auth: "bearer",
  maxBodyBytes: 0,
  async run(context) {
    const [, key, verb] = /^(.+)\/(history|kill)$/s.exec(context.rest) ?? [];
    if (!key || !verb) throw new HttpRefusal(404, "not_found", "Not Found");
    const method = verb === "history" ? "GET" : "POST";
    if (context.request.method !== method) {
      throw new HttpRefusal(405, "method_not_allowed", "Method Not Allowed", { allow: method });
    }
    const { killRuns, showHistory } = await import("../session-http.ts");
    return verb === "history" ? showHistory(key, context) : killRuns(key, context);
  },
});
