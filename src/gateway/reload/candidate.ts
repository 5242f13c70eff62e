import { issueLines } from "../../config/invalid.ts";
import { checkConfig, type LoadedConfig } from "../../config/load.ts";
import type { Env } from "../../platform/env.ts";
import { Fault } from "../../platform/fault.ts";
import type { Paths } from "../../platform/paths.ts";
import { type GatewayFlags, resolveSettings, type Settings } from "../settings.ts";

export type Candidate =
  | { ok: true; loaded: LoadedConfig; settings: Settings }
  /** One line each. */
  | { ok: false; issues: string[] };

export interface CandidateInput {
  paths: Paths;
  env: Env;
  flags: GatewayFlags;
  /** In force. */
  before: LoadedConfig;
}

/** The file as it is now, if a gateway could start with it. */
export async function loadCandidate({ paths, env, flags, before }: CandidateInput): Promise<Candidate> {
  const checked = await checkConfig({ paths, env });
  if (!checked.ok) {
    const { issues, fault } = checked;
    return { ok: false, issues: issues.length > 0 ? issueLines(issues) : [fault.message] };
  }
  const { loaded } = checked;
  // Half a second without a file is no wish to go without a config.
  if (before.exists && !loaded.exists) return { ok: false, issues: [`${paths.configPath} is gone`] };
  try {
    return { ok: true, loaded, settings: resolveSettings({ env, paths, loaded, flags }) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, issues: [error.message] };
  }
}
