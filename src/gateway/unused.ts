import type { Config } from "../config/schema.ts";

/**
 * Settings that are valid and that this version does not act on. Said at every start: who relies on one of them has
 * to know.
 */
export function unusedSettings(config: Config): string[] {
  const { gateway, tools, ...sections } = config;
  const unused = [
    ...(["browser", "cron", "hooks", "plugins"] as const).filter((name) => isUsed(sections[name])),
    ...(gateway?.tailscale?.mode !== undefined && gateway.tailscale.mode !== "off"
      ? ["gateway.tailscale"]
      : []),
    ...(isUsed(gateway?.tls?.caPath) ? ["gateway.tls.caPath"] : []),
    ...(isUsed(tools?.byProvider) ? ["tools.byProvider"] : []),
  ];
  return unused.length === 0 ? [] : [`set, but not used by this version yet: ${unused.join(", ")}`];
}

function isUsed(value: unknown): boolean {
  if (value === undefined) return false;
  return typeof value !== "object" || value === null || Object.keys(value).length > 0;
}
