import { isRecord } from "../protocol/frames.ts";
import { type ConfigPath, formatPath, isWithin, parsePath } from "./path.ts";
import type { Config } from "./schema.ts";

/** "hot": swapped while running. "restart": the server has to be opened anew. "none": a running gateway does not care. */
export type ReloadKind = "hot" | "restart" | "none";

/** What a running gateway has to do to get from one config to another. Paths as `formatPath` writes them. */
export interface ReloadPlan {
  /** Everything that differs: `hot`, `restart` and `ignored` together. */
  changed: string[];
  hot: string[];
  restart: string[];
  /** Differences without effect: stamps and what this version does not use. */
  ignored: string[];
}

/** Each prefix decides for everything below it; what none covers has no effect on a running gateway. */
const KINDS: readonly (readonly [ConfigPath, ReloadKind])[] = (
  [
    ["gateway.mode", "restart"],
    ["gateway.port", "restart"],
    ["gateway.bind", "restart"],
    ["gateway.customBindHost", "restart"],
    ["gateway.extraPorts", "restart"],
    ["gateway.tls", "restart"],
    ["gateway.tailscale", "restart"],
    ["gateway.handshakeTimeoutMs", "hot"],
    ["gateway.auth", "hot"],
    ["gateway.trustedProxies", "hot"],
    ["gateway.allowRealIpFallback", "hot"],
    ["gateway.controlUi", "hot"],
    ["gateway.reload", "hot"],
    ["gateway.http", "hot"],
    ["gateway.nodes", "hot"],
    ["gateway.tools", "hot"],
    ["env", "hot"],
    ["agents", "hot"],
    ["models", "hot"],
    ["session", "hot"],
    ["channels", "hot"],
    ["bindings", "hot"],
    ["cron", "hot"],
    ["hooks", "hot"],
    ["tools", "hot"],
    ["browser", "hot"],
    ["logging", "hot"],
    ["diagnostics", "hot"],
  ] as const
).map(([path, kind]) => [path.split("."), kind]);

/** Pure. Objects are compared key by key, lists of equal length entry by entry. */
export function planReload(before: Config, after: Config): ReloadPlan {
  const paths = differences(before, after, []);
  const of = (kind: ReloadKind) => paths.filter((path) => reloadKindOf(path) === kind).map(formatPath);
  return { changed: paths.map(formatPath), hot: of("hot"), restart: of("restart"), ignored: of("none") };
}

/** What a change at this path takes; for an object above several kinds the one that takes most. */
export function reloadKindOf(path: string | ConfigPath): ReloadKind {
  const segments = typeof path === "string" ? parsePath(path) : path;
  const above = KINDS.find(([prefix]) => isWithin(segments, prefix));
  if (above) return above[1];
  const below = KINDS.filter(([prefix]) => isWithin(prefix, segments)).map(([, kind]) => kind);
  if (below.includes("restart")) return "restart";
  return below[0] ?? "none";
}

function differences(before: unknown, after: unknown, path: ConfigPath): ConfigPath[] {
  if (Object.is(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, i) => differences(item, after[i], [...path, i]));
  }
  if (isObjectOrMissing(before) && isObjectOrMissing(after)) {
    const [old, young] = [before ?? {}, after ?? {}];
    const keys = [...new Set([...Object.keys(old), ...Object.keys(young)])];
    // An agent or provider without a setting of its own is there or not; a section without settings is neither.
    if (keys.length === 0) return (before && after) || isSection(path) ? [] : [path];
    return keys.flatMap((key) => differences(old[key], young[key], [...path, key]));
  }
  return [path];
}

function isObjectOrMissing(value: unknown): value is Record<string, unknown> | undefined {
  return value === undefined || isRecord(value);
}

function isSection(path: ConfigPath): boolean {
  return KINDS.some(([prefix]) => isWithin(prefix, path));
}
