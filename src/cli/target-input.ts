import { join } from "node:path";
import { readSavedToken } from "../config/saved-token.ts";
import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import type { Paths } from "../platform/paths.ts";
import type { FoundGateway } from "../platform/running-gateway.ts";
import type { TargetFlags, TargetInput } from "./target.ts";

export interface Known {
  flags: TargetFlags;
  env: Env;
  paths: Paths;
  config: Config;
  running: FoundGateway;
}

/** What a target is chosen by, gathered from the state folder. */
export async function gatherTargetInput({ flags, env, paths, config, running }: Known): Promise<TargetInput> {
  const { tls } = config.gateway ?? {};
  const ownFingerprint = tls?.enabled ? await fingerprintHere(tls.certPath, paths) : undefined;
  return {
    flags,
    env,
    config,
    paths,
    runningPort: running.kind === "none" ? undefined : running.port,
    savedToken: readSavedToken(paths),
    ...(ownFingerprint !== undefined && { ownFingerprint }),
  };
}

/** Of the certificate in the config, or of the one the gateway has made for itself. */
async function fingerprintHere(certPath: string | undefined, { tlsDir }: Paths): Promise<string | undefined> {
  const { certificateFingerprint } = await import("../platform/certificate.ts");
  return certificateFingerprint(certPath ?? join(tlsDir, "cert.pem"));
}
