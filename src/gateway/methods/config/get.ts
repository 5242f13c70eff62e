import * as v from "valibot";
import { defineMethod } from "../../method.ts";

/**
 * The file as it is now, so that its hash can be the base of a write, and the config in force, which is another one
 * while the file is broken. Secrets never leave the process; `raw` is the file's own text but for them.
 */
export default defineMethod({
  name: "config.get",
  scope: "operator.read",
  params: v.object({}),
  async run(_params, { services }) {
    const { secretsInForce, viewOfRunning } = await import("../../config-view.ts");
    const file = await services.reload.view(() => secretsInForce(services));
    const { loaded: inForce } = services;
    const running = viewOfRunning(inForce, secretsInForce(services));
    return {
      path: inForce.path,
      runtimeConfig: running,
      config: running,
      appliedConfigHash: inForce.hash,
      legacyIssues: [],
      ...file,
    };
  },
});
