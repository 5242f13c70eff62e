import { statSync } from "node:fs";
import { issueLines } from "../../config/invalid.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { readConfigFile } from "../../config/read-file.ts";
import type { Env } from "../../platform/env.ts";
import { Fault } from "../../platform/fault.ts";
import type { Paths } from "../../platform/paths.ts";
import type { OffThread } from "../off-thread.ts";
import { type GatewayFlags, resolveSettings, type Settings } from "../settings.ts";
import type { CheckedFile } from "../thread-jobs.ts";

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
  thread: OffThread;
}

/** The file as it is now, if a gateway could start with it. Rejects with `signal.reason`. */
export async function loadCandidate(input: CandidateInput, signal: AbortSignal): Promise<Candidate> {
  const { paths, env, flags, before } = input;
  const checked = await checkFile(input, signal);
  if (!checked.ok) {
    const { issues, message } = checked;
    return { ok: false, issues: issues.length > 0 ? issueLines(issues) : [message] };
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

async function checkFile({ paths, env, thread }: CandidateInput, signal: AbortSignal): Promise<CheckedFile> {
  try {
    return await thread.run({ kind: "check", paths, variables: env.variables() }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    return { ok: false, message: `${paths.configPath} cannot be used: ${error.message}`, issues: [] };
  }
}

/** What is served already needs no look. Of included files nobody here knows the text. */
export function isInForce({ raw, files }: LoadedConfig, { configPath }: Paths): boolean {
  if (raw === undefined || files.length > 1) return false;
  try {
    // Another size is enough to know.
    return statSync(configPath).size === Buffer.byteLength(raw) && readConfigFile(configPath) === raw;
  } catch {
    // Gone, or not to be read: whoever looks closer says so.
    return false;
  }
}
