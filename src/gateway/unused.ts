import type { Config } from "../config/schema.ts";
import { Fault } from "../platform/fault.ts";

/**
 * Settings that are valid and that this version does not act on. Said at every start: who relies on one of them has
 * to know.
 */
export function unusedSettings(config: Config): string[] {
  const { gateway, tools, ...sections } = config;
  const unused = [
    ...(["browser", "channels", "cron", "hooks", "plugins", "session"] as const).filter((name) =>
      isUsed(sections[name]),
    ),
    ...(isUsed(gateway?.controlUi?.basePath) ? ["gateway.controlUi.basePath"] : []),
    ...(isUsed(gateway?.controlUi?.root) ? ["gateway.controlUi.root"] : []),
    ...(gateway?.tailscale?.mode !== undefined && gateway.tailscale.mode !== "off"
      ? ["gateway.tailscale"]
      : []),
    ...(gateway?.auth?.allowTailscale === true ? ["gateway.auth.allowTailscale"] : []),
    ...(isUsed(tools?.byProvider) ? ["tools.byProvider"] : []),
  ];
  return unused.length === 0 ? [] : [`set, but not used by this version yet: ${unused.join(", ")}`];
}

/** A setting that protects must not be passed over in silence. */
export function requireNoTls(config: Config): void {
  if (config.gateway?.tls?.enabled !== true) return;
  throw new Fault("gateway.tls is on, but this version serves plain HTTP only", {
    why: "to go on would send tokens and conversations unencrypted where you asked for encryption",
    fix: "openclaw config set gateway.tls.enabled false, and put a TLS proxy in front of it",
    exitCode: 78,
  });
}

function isUsed(value: unknown): boolean {
  if (value === undefined) return false;
  return typeof value !== "object" || value === null || Object.keys(value).length > 0;
}
