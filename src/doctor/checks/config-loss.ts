import { ALL_GUARDS, lossReason } from "../../config/write-guard.ts";
import { defineCheck } from "../check.ts";

/** A file that is valid and yet has lost what the last one had: somebody's save went wrong, or a program's. */
export default defineCheck({
  id: "config-loss",
  summary: "the config still has what the gateway last ran with",
  where: "anywhere",
  async inspect({ config, lastGood }) {
    const [checked, last] = [await config(), await lastGood()];
    if (!checked.ok || !checked.loaded.exists || !last?.checked.ok) return [];
    const { raw = "", source, path } = checked.loaded;
    const before = { text: last.text, value: last.checked.loaded.source };
    const reason = lossReason([before], { text: raw, value: source }, ALL_GUARDS);
    if (reason === undefined) return [];
    // A file written anew by hand has no stamp, and that alone is no loss.
    if (reason.startsWith("missing-meta") && Buffer.byteLength(raw) >= Buffer.byteLength(last.text) / 2)
      return [];
    return [
      {
        id: "config-clobbered",
        evidence: [`${path} (${reason})`, `what the gateway last ran with is in ${last.path}`],
        repair: {
          does: "put the config back that the gateway last ran with",
          level: "force",
          changes: [{ kind: "config-text", text: last.text }],
        },
      },
    ];
  },
});
