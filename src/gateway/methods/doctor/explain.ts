import * as v from "valibot";
import { defineMethod } from "../../method.ts";

const MAX_CHARS = 65_536;

/** Which known failures a text is about, and which of them the gateway sees right now. */
export default defineMethod({
  name: "doctor.explain",
  scope: "operator.read",
  params: v.object({ text: v.pipe(v.string(), v.nonEmpty(), v.maxLength(MAX_CHARS)) }),
  async run({ text }, { services: { selfCheck } }) {
    const [{ recognise }, { readable }, findings] = await Promise.all([
      import("../../../doctor/recognise.ts"),
      import("../../../doctor/recognise-pattern.ts"),
      selfCheck.look(),
    ]);
    const recognised = recognise(text).map(({ entry, score, how, spelling }) => {
      const { id, severity, title, why, fix, other = [], missing } = entry;
      const isHere = findings.some((finding) => finding.id === id);
      return {
        id,
        severity,
        title,
        why,
        fix,
        other,
        missing,
        score,
        how,
        spelling: readable(spelling),
        isHere,
      };
    });
    return { recognised };
  },
});
