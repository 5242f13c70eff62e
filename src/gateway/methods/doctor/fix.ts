import * as v from "valibot";
import { GatewayError } from "../../../protocol/errors.ts";
import { defineMethod } from "../../method.ts";

const PATIENCE_MS = 20_000;

/** Makes the repair of one failure, checks it, and takes it back where it made things worse. */
export default defineMethod({
  name: "doctor.fix",
  scope: "operator.admin",
  controlPlaneWrite: true,
  params: v.object({
    id: v.pipe(v.string(), v.nonEmpty(), v.maxLength(128)),
    force: v.optional(v.boolean(), false),
  }),
  async run({ id, force }, { services }) {
    const { selfCheck, clock, env, paths } = services;
    const [{ openOffThread }, { examinationOf }] = await Promise.all([
      import("../../off-thread.ts"),
      import("../../examine-self.ts"),
    ]);
    const finding = (await selfCheck.look()).find((each) => each.id === id);
    if (!finding) {
      throw new GatewayError("INVALID_REQUEST", `nothing to repair: ${id} is not there (any more)`, {
        hint: "openclaw doctor",
      });
    }
    const examination = examinationOf({
      ...services,
      trustedProxies: () => services.perimeter.trustedProxies,
      channels: () => services.channels.peek()?.accounts() ?? [],
      port: () => services.port(),
    });
    using thread = openOffThread(clock);
    const repairs = await thread.run(
      {
        kind: "repair",
        paths,
        variables: env.variables(),
        examination,
        wanted: { id, check: finding.check, force },
      },
      AbortSignal.timeout(PATIENCE_MS),
    );
    if (repairs.length === 0) {
      throw new GatewayError("INVALID_REQUEST", `the gateway cannot repair ${id} while it runs`, {
        hint: finding.fix,
      });
    }
    selfCheck.changed();
    return { repairs };
  },
});
