import type { ResultOf } from "../gateway/method.ts";
import type stability from "../gateway/methods/diagnostics/stability.ts";
import { Fault } from "../platform/fault.ts";
import { readRegular } from "../platform/files.ts";
import type { Paths } from "../platform/paths.ts";
import { printable } from "../platform/printable.ts";
import { bundlesDir, listBundles } from "../platform/stability-bundles.ts";
import { isRecord } from "../protocol/frames.ts";

type LiveReport = ResultOf<typeof stability>;

/** What the gateway remembers now, or what a bundle of an earlier run has kept. */
export interface StabilityView extends LiveReport {
  source: "gateway" | "bundle";
  bundle?: { path: string; reason: string; error?: string };
}

export interface EventQuery {
  limit: number;
  type?: string | undefined;
  sinceSeq?: number | undefined;
}

const EMPTY = { capacity: 0, count: 0, dropped: 0, firstSeq: null, lastSeq: null, summary: { byType: {} } };

/** `which` is "latest" or a path. Throws `Fault` (1) when there is none or it cannot be read. */
export function readBundle(which: string, paths: Paths, query: EventQuery): StabilityView {
  const path = which === "latest" ? listBundles(bundlesDir(paths))[0]?.path : which;
  if (path === undefined)
    throw new Fault(`there is no stability bundle in ${bundlesDir(paths)}`, {
      why: "One is written when a start fails, after a storm of errors, and before a restart for want of memory.",
      fix: "openclaw gateway stability",
    });
  const content = contentOf(path);
  const report = (isRecord(content.stability) ? content.stability : EMPTY) as unknown as LiveReport;
  const { limit, type, sinceSeq = 0 } = query;
  const events = (report.events ?? []).filter(
    (event) => event.seq > sinceSeq && (type === undefined || event.type === type),
  );
  const { error } = content;
  return {
    ...report,
    source: "bundle",
    generatedAt: String(content.generatedAt ?? ""),
    events: events.slice(-limit),
    bundle: {
      path,
      reason: String(content.reason ?? "unknown"),
      ...(isRecord(error) && { error: String(error.message) }),
    },
  };
}

function contentOf(path: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(readRegular(path));
    if (isRecord(content)) return content;
    throw new SyntaxError("it is no JSON object");
  } catch (error) {
    // The parser shows what it found there, which may be anything.
    const why = error instanceof SyntaxError ? "it is no JSON object" : (error as Error).message;
    throw new Fault(`${path} cannot be read as a stability bundle: ${why}`, {
      fix: "openclaw gateway stability --bundle latest",
      cause: error,
    });
  }
}

const OWN_FIELDS = new Set(["seq", "ts", "type"]);

/** For people: what it is, how often what happened, then the events, oldest first. */
export function stabilityLines({ source, bundle, generatedAt, ...report }: StabilityView): string[] {
  const { count, dropped, events, summary } = report;
  const of = bundle
    ? `Bundle of ${localTime(Date.parse(generatedAt))} (${bundle.reason})`
    : "This run of the gateway";
  const forgotten = dropped > 0 ? `, ${dropped} older ones are forgotten` : "";
  const byType = Object.entries(summary.byType).map(([type, times]) => `${type} ${times}`);
  return [
    `${of}: ${count} ${count === 1 ? "event" : "events"}${forgotten}`,
    ...(bundle ? [`  ${bundle.path}`] : []),
    ...(bundle?.error !== undefined ? [`  error: ${bundle.error}`] : []),
    ...(byType.length > 0 ? [`  ${byType.join(", ")}`] : []),
    ...events.map((event) => {
      const fields = Object.entries(event).filter(([name]) => !OWN_FIELDS.has(name));
      return `${localTime(event.ts)}  ${event.type.padEnd(16)}  ${fields.map(shown).join(" ")}`;
    }),
  ].map(printable);
}

function shown([name, value]: [string, unknown]): string {
  if (name.endsWith("Bytes") && typeof value === "number")
    return `${name.slice(0, -"Bytes".length)}=${(value / 1_048_576).toFixed(1)}MB`;
  const text = String(value);
  return `${name}=${/\s/.test(text) ? JSON.stringify(text) : text}`;
}

function localTime(atMs: number): string {
  const date = new Date(atMs);
  if (Number.isNaN(date.getTime())) return "-".padEnd(19);
  const two = (part: number) => String(part).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}
