import { knownSpellings } from "../config/hide-secrets.ts";
import type { LoadedConfig } from "../config/load.ts";
import { redactConfig, secretsIn } from "../config/redact.ts";
import type { GatewayServices } from "./services.ts";

/** The config that is served, which is not always the one in the file. */
export function viewOfRunning({ config }: LoadedConfig, inForce: readonly string[]) {
  return redactConfig(config, knownSpellings(inForce));
}

/** What serves now has secrets that the file may not have any more. */
export function secretsInForce({ auth, loaded }: Pick<GatewayServices, "auth" | "loaded">): string[] {
  const own = [auth.token, auth.password].flatMap((secret) => (secret ? [secret.reveal()] : []));
  return [...own, ...secretsIn(loaded.config)];
}
