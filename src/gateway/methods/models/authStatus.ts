import * as v from "valibot";
import { providerAuth } from "../../../agent/catalog.ts";
import { withConfiguredVariables } from "../../../agent/model-keys.ts";
import { defineMethod } from "../../method.ts";

/** Which model services have a key and where it was found; never the key. */
export default defineMethod({
  name: "models.authStatus",
  scope: "operator.read",
  params: v.object({ agentId: v.optional(v.string()), refresh: v.optional(v.boolean()) }),
  run(_params, { services: { clock, env, loaded } }) {
    const found = providerAuth(loaded.config, withConfiguredVariables(env, loaded.config));
    return {
      ts: clock.now(),
      providers: found.map(({ provider, status, source, keys }) => ({
        provider,
        authProvider: provider,
        displayName: provider,
        status: status === "missing" ? ("missing" as const) : ("static" as const),
        profiles: [],
        ...(keys > 0 && { apiKey: { source, count: keys } }),
      })),
      providerCapabilities: [],
    };
  },
});
