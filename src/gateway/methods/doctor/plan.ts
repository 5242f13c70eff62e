import * as v from "valibot";
import { defineMethod } from "../../method.ts";

/** What is wrong, and for each of it what a repair would change, as `doctor` shows it: diffs without secrets. */
export default defineMethod({
  name: "doctor.plan",
  scope: "operator.admin",
  params: v.object({}),
  async run(_params, { services }) {
    const { selfCheck, clock } = services;
    const [{ planLines }, { factsInside }, { examinationOf }, { canBeMadeInside }] = await Promise.all([
      import("../../../doctor/plan.ts"),
      import("../../examine.ts"),
      import("../../examine-self.ts"),
      import("../../repair-inside.ts"),
    ]);
    const findings = await selfCheck.look();
    const trustedProxies = () => services.perimeter.trustedProxies;
    const channels = () => services.channels.peek()?.accounts() ?? [];
    const facts = factsInside(
      examinationOf({ ...services, trustedProxies, channels, port: () => services.port() }),
      services,
      AbortSignal.timeout(10_000),
    );
    return {
      ts: clock.now(),
      findings: await Promise.all(
        findings.map(async (finding) => {
          const { repair, ...rest } = finding;
          if (!repair) return rest;
          const { does, level, changes } = repair;
          const plan = await planLines(changes, facts);
          return { ...rest, repair: { does, level, plan, here: canBeMadeInside(finding) } };
        }),
      ),
    };
  },
});
