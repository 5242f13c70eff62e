import * as v from "valibot";
import { redactConfig } from "../../../config/redact.ts";
import { defineMethod } from "../../method.ts";

/** The config in force; secrets never leave the process, not even inside `raw`. */
export default defineMethod({
  name: "config.get",
  scope: "operator.read",
  params: v.object({}),
  run(_params, { services: { loaded } }) {
    const config = redactConfig(loaded.config);
    const source = redactConfig(loaded.source ?? {});
    return {
      path: loaded.path,
      exists: loaded.exists,
      raw: JSON.stringify(source, null, 2),
      parsed: source,
      sourceConfig: source,
      resolved: config,
      runtimeConfig: config,
      config,
      valid: true,
      hash: loaded.hash,
      appliedConfigHash: loaded.hash,
      configRevisionHash: loaded.hash,
      issues: [],
      warnings: loaded.notices.map((message) => ({ path: "", message })),
      legacyIssues: [],
      includedPaths: loaded.files.slice(1),
    };
  },
});
