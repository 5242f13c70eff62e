import { sendJson } from "../respond.ts";
import { defineRoute } from "../route.ts";

/** Liveness: the process answers. Says nothing about what runs inside (HTTP-14). */
export default defineRoute({
  paths: ["/health", "/healthz"],
  methods: ["GET", "HEAD"],
  auth: "none",
  maxBodyBytes: 0,
  anyProxy: true,
  run: ({ response }) => sendJson(response, 200, { ok: true, status: "live" }),
});
