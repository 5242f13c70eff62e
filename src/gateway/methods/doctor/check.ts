import * as v from "valibot";
import { defineMethod } from "../../method.ts";

/** What the gateway finds wrong with itself and its machine. Repairs are made from the command line, on that machine. */
export default defineMethod({
  name: "doctor.check",
  scope: "operator.read",
  params: v.object({}),
  async run(_params, { services: { selfCheck, clock } }) {
    const findings = await selfCheck.look();
    return { ts: clock.now(), findings: findings.map(({ repair: _, ...rest }) => rest) };
  },
});
