import * as v from "valibot";
import { hasScope } from "../../protocol/scopes.ts";
import { reducedHealth } from "../health.ts";
import { defineMethod } from "../method.ts";

/** Alive? Readers get the whole object, everybody else only that (protocol.md §14). */
export default defineMethod({
  name: "health",
  scope: "public",
  params: v.object({ probe: v.optional(v.boolean(), false) }),
  run({ probe }, { principal, services: { health } }) {
    const snapshot = probe ? health.refresh() : health.snapshot();
    return hasScope(principal.scopes, "operator.read") ? snapshot : reducedHealth(snapshot);
  },
});
