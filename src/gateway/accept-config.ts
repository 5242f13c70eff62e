import { requireNewEnough } from "../config/newer-guard.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import { requireGatewayMode } from "./guard.ts";
import { resolveSettings, type Settings, type SettingsInput } from "./settings.ts";
import { requireNoTls } from "./unused.ts";

/**
 * The rules of a start and of a reload alike: a running gateway never takes a config it would not start with.
 * Throws the Fault the owner has to act on.
 */
export function acceptConfig(input: SettingsInput): Settings {
  const { env, flags, loaded } = input;
  requireNewEnough({ config: loaded.config, version: PRODUCT_VERSION, env, action: "start the gateway" });
  requireGatewayMode(loaded, flags.allowUnconfigured);
  requireNoTls(loaded.config);
  return resolveSettings(input);
}
