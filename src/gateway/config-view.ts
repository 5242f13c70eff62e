import { knownSecrets, knownSpellings } from "../config/hide-secrets.ts";
import { type Checked, checkText, type LoadedConfig, type LoadInput } from "../config/load.ts";
import { readConfigFile } from "../config/read-file.ts";
import { redactConfig, secretsIn } from "../config/redact.ts";
import { redactText } from "../config/redact-text.ts";
import { Fault } from "../platform/fault.ts";
import { sha256Hex } from "../platform/files.ts";
import type { GatewayServices } from "./services.ts";

/** What others see of the config file, in the words of protocol.md §9.2. */
export async function viewOfFile({ paths, env }: LoadInput, inForce: readonly string[]) {
  const { hash, checked } = await readFile({ paths, env });
  return checked.ok ? viewOfValid(checked.loaded, inForce) : viewOfBroken(hash, checked);
}

/** The config that is served, which is not always the one in the file. */
export function viewOfRunning({ config }: LoadedConfig, inForce: readonly string[]) {
  return redactConfig(config, knownSpellings(inForce));
}

/** What serves now has secrets that the file may not have any more. */
export function secretsInForce({ auth, loaded }: Pick<GatewayServices, "auth" | "loaded">): string[] {
  const own = [auth.token, auth.password].flatMap((secret) => (secret ? [secret.reveal()] : []));
  return [...own, ...secretsIn(loaded.config)];
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

function viewOfBroken(hash: string, { issues, fault }: Checked & { ok: false }) {
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
    issues:
      issues.length > 0
        ? issues.map(({ path, message }) => ({ path, message }))
        : [{ path: "<root>", message: fault.message }],
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
