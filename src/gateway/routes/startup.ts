import { PRODUCT_VERSION } from "../../protocol/version.ts";
import { sendJson } from "../respond.ts";
import { defineRoute } from "../route.ts";

/** Has the boot come to its end? `openclaw status` asks here first. */
export default defineRoute({
  paths: ["/startup", "/startupz"],
  methods: ["GET", "HEAD"],
  auth: "none",
  maxBodyBytes: 0,
  run({ services, client, authenticated, response }) {
    const { lifecycle } = services;
    const phase = lifecycle.phase();
    const detailed = client.localDirect || authenticated;
    sendJson(response, phase === "started" ? 200 : 503, {
      ok: phase === "started",
      status: phase,
      ...(detailed && { version: PRODUCT_VERSION, uptimeMs: lifecycle.uptimeMs() }),
    });
  },
});
