import * as v from "valibot";
import { type Checked, checkText, type LoadInput } from "../../../config/load.ts";
import { readConfigFile } from "../../../config/read-file.ts";
import { redactConfig } from "../../../config/redact.ts";
import { Fault } from "../../../platform/fault.ts";
import { sha256Hex } from "../../../platform/files.ts";
import { defineMethod } from "../../method.ts";

/**
 * The file as it is now, so that its hash can be the base of a write, and the config in force, which is another one
 * while the file is broken. Secrets never leave the process, not even inside `raw`.
 */
export default defineMethod({
  name: "config.get",
  scope: "operator.read",
  params: v.object({}),
  async run(_params, { services: { loaded: inForce, paths, env } }) {
    const { hash, checked } = await readFile({ paths, env });
    const running = redactConfig(inForce.config);
    const common = {
      path: inForce.path,
      runtimeConfig: running,
      config: running,
      appliedConfigHash: inForce.hash,
      legacyIssues: [],
    };
    if (!checked.ok) {
      return {
        ...common,
        exists: true,
        // What cannot be read cannot be redacted either.
        raw: null,
        parsed: {},
        sourceConfig: {},
        resolved: {},
        valid: false,
        hash,
        configRevisionHash: hash,
        issues:
          checked.issues.length > 0
            ? checked.issues.map(({ path, message }) => ({ path, message }))
            : [{ path: "<root>", message: checked.fault.message }],
        warnings: [],
        includedPaths: [],
      };
    }
    const { loaded } = checked;
    const source = redactConfig(loaded.source ?? {});
    return {
      ...common,
      exists: loaded.exists,
      raw: JSON.stringify(source, null, 2),
      parsed: source,
      sourceConfig: source,
      resolved: redactConfig(loaded.config),
      valid: true,
      hash,
      configRevisionHash: hash,
      issues: [],
      warnings: loaded.notices.map((message) => ({ path: "", message })),
      includedPaths: loaded.files.slice(1),
    };
  },
});

async function readFile({ paths, env }: LoadInput): Promise<{ hash: string; checked: Checked }> {
  try {
    const raw = readConfigFile(paths.configPath, paths.stateDir);
    return {
      hash: raw === undefined ? "" : sha256Hex(raw),
      checked: await checkText(raw, { paths, env }),
    };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return { hash: "", checked: { ok: false, fault, issues: [] } };
  }
}
