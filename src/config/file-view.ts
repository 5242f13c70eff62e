import { Fault } from "../platform/fault.ts";
import { sha256Hex } from "../platform/files.ts";
import { knownSecrets } from "./hide-secrets.ts";
import type { Issue } from "./invalid.ts";
import { type Checked, checkText, type LoadedConfig, type LoadInput } from "./load.ts";
import { readConfigFile } from "./read-file.ts";
import { redactConfig } from "./redact.ts";
import { redactText } from "./redact-text.ts";

export type FileView = Awaited<ReturnType<typeof viewOfFile>>;

/** What others see of the config file, in the words of protocol.md §9.2. */
export async function viewOfFile({ paths, env }: LoadInput, inForce: readonly string[]) {
  const { hash, checked } = await readFile({ paths, env });
  if (checked.ok) return viewOfValid(checked.loaded, inForce);
  const { issues, fault } = checked;
  return viewOfBroken(hash, issues.length > 0 ? issues : [{ path: "<root>", message: fault.message }]);
}

function viewOfValid(loaded: LoadedConfig, inForce: readonly string[]) {
  const known = knownSecrets(loaded, inForce);
  const source = redactConfig(loaded.source ?? {}, known);
  return {
    exists: loaded.exists,
    raw: redactText(loaded.raw ?? "{}", known),
    parsed: source,
    sourceConfig: source,
    resolved: redactConfig(loaded.config, known),
    valid: true,
    hash: loaded.hash,
    configRevisionHash: loaded.hash,
    issues: [],
    warnings: loaded.notices.map((message) => ({ path: "", message })),
    includedPaths: loaded.files.slice(1),
  };
}

/** Of a file that cannot be used. */
export function viewOfBroken(hash: string, issues: readonly Issue[]) {
  return {
    exists: true,
    // What cannot be read cannot be redacted either.
    raw: null,
    parsed: {},
    sourceConfig: {},
    resolved: {},
    valid: false,
    hash,
    configRevisionHash: hash,
    issues: issues.map(({ path, message }) => ({ path, message })),
    warnings: [],
    includedPaths: [],
  };
}

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
