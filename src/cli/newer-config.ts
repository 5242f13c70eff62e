import { checkConfig } from "../config/load.ts";
import { requireNewEnough } from "../config/newer-guard.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import type { CommandContext } from "./context.ts";

/**
 * Two installed versions: the older one keeps its hands off the gateway of the newer one. Of a file that cannot be read
 * nothing is known. Throws `Fault` (1).
 */
export async function requireNewEnoughFor(action: string, { paths, env }: CommandContext): Promise<void> {
  const checked = await checkConfig({ paths, env, purpose: "look" });
  if (checked.ok) requireNewEnough({ config: checked.loaded.config, version: PRODUCT_VERSION, env, action });
}
