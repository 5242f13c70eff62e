import type { Log } from "../../platform/log.ts";
import { type BundleReason, bundlesDir, writeBundleFile } from "../../platform/stability-bundles.ts";
import { PRODUCT_VERSION } from "../../protocol/version.ts";
import { RING_CAPACITY, type StabilityReport } from "./ring.ts";
import type { MemoryState } from "./stability.ts";

/** Of whoever writes a bundle; a start that failed early has little of it. */
export interface BundleSource {
  paths: { logsDir: string };
  sink: { log: Log; redacted(fields: Readonly<Record<string, unknown>>): Record<string, unknown> };
  stability?: {
    ring: { read(query: { limit: number }): StabilityReport };
    memory: MemoryState;
  };
  lifecycle?: { phase(): string; uptimeMs(): number };
}

export interface BundleWhy {
  reason: BundleReason;
  error?: unknown;
  /** Further facts, for example how the run before ended. */
  facts?: Record<string, unknown>;
}

/**
 * What is known of a bad end, as a file for whoever looks for the cause later: no texts of people, no secrets. Never
 * throws: it must not stand in the way of the end itself.
 */
export function writeBundle(
  { paths, sink, stability, lifecycle }: BundleSource,
  { reason, error, facts = {} }: BundleWhy,
): void {
  const atMs = Date.now();
  const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
  const content = {
    version: 1,
    generatedAt: new Date(atMs).toISOString(),
    reason,
    ...sink.redacted({ ...(error !== undefined && { error }), ...facts }),
    process: {
      pid: process.pid,
      version: PRODUCT_VERSION,
      node: process.version,
      platform: process.platform,
      arch: process.arch,
      phase: lifecycle?.phase() ?? "starting",
      uptimeMs: lifecycle?.uptimeMs() ?? Math.round(process.uptime() * 1_000),
    },
    memory: { rss, heapUsed, heapTotal, external, arrayBuffers, ...stability?.memory },
    ...(stability && { stability: stability.ring.read({ limit: RING_CAPACITY }) }),
  };
  try {
    const path = writeBundleFile(bundlesDir(paths), { reason, atMs, pid: process.pid }, content);
    sink.log.info(`stability bundle written: ${path}`, { reason });
  } catch (cause) {
    sink.log.warn(`cannot write a stability bundle: ${(cause as Error).message}`, { reason });
  }
}
