import { readRegular } from "./files.ts";
import type { OomCounter } from "./kernel.ts";
import type { Paths } from "./paths.ts";

/** How far a start has come; a boot goes through them in this order. */
export const BOOT_STAGES = ["starting", "listening", "ready"] as const;
export type BootStage = (typeof BOOT_STAGES)[number];

/** How a gateway said goodbye. One that says nothing was ended by somebody else. */
export type BootEndKind = "stopped" | "restarting" | "failed" | "crash storm" | "hung";

const END_KINDS: readonly BootEndKind[] = ["stopped", "restarting", "failed", "crash storm", "hung"];

export interface BootEnd {
  kind: BootEndKind;
  atMs: number;
  /** One line. */
  cause?: string;
  /** The command that helps. */
  fix?: string;
}

/** A restart that was asked for and would not have worked: what a start prints. */
export interface BootRefusal {
  atMs: number;
  what: string;
  lines: readonly string[];
  why?: string;
  fix?: string;
  exitCode: number;
}

/** One gateway that held the state lock, from its start to its end. A restart in place begins another one. */
export interface Boot {
  id: string;
  pid: number;
  /** With pid and `kernelBootId` this names the process; see `processStartTicks`. */
  startTicks?: number;
  version: string;
  kernelBootId?: string;
  /** The kernel names the thread that failed, not its process. */
  threadIds?: readonly number[];
  oom?: OomCounter;
  startedAtMs: number;
  /** Where it was to listen, or does since it is listening; without a host on every address. */
  port: number;
  host?: string;
  stages: readonly { stage: BootStage; atMs: number }[];
  /** The last one only. */
  refusal?: BootRefusal;
  /** It parked what may have brought down the boots before, until `untilMs`. */
  safeMode?: { atMs: number; crashes: number; untilMs?: number };
  end?: BootEnd;
}

type Event = Record<string, unknown>;

/** Oldest first. What cannot be read is left out: the ledger is advice, never a reason to stop. */
export function readBoots({ bootsFile }: Pick<Paths, "bootsFile">): Boot[] {
  const boots = new Map<string, Boot>();
  for (const line of linesOf(bootsFile)) {
    const event = parse(line);
    if (typeof event?.boot !== "string" || typeof event.at !== "number") continue;
    const boot = boots.get(event.boot);
    if (event.event === "start" && !boot) {
      const begun = begin(event.boot, event.at, event);
      if (begun) boots.set(begun.id, begun);
    } else if (boot) add(boot, event.at, event);
  }
  return [...boots.values()];
}

/** So many boots that crashed one after another within this time are a loop. */
export const LOOP_BOOTS = 3;
export const LOOP_MS = 300_000;

/**
 * Pure: the newest boots that crashed in a row, oldest first. One that ended in good order breaks the row, and so does
 * a machine that went down; a start that failed has said why and counts for nothing.
 */
export function crashesInARow(
  boots: readonly Boot[],
  { nowMs, kernelBootId }: { nowMs: number; kernelBootId: string | undefined },
): Boot[] {
  const crashed: Boot[] = [];
  for (const boot of boots.toReversed()) {
    if (boot.end?.kind === "failed") continue;
    if (boot.end?.kind === "stopped" || boot.end?.kind === "restarting") break;
    if (nowMs - boot.startedAtMs >= LOOP_MS) break;
    if (kernelBootId !== undefined && boot.kernelBootId !== undefined && boot.kernelBootId !== kernelBootId)
      break;
    crashed.unshift(boot);
  }
  return crashed;
}

/** Pure: how many of the newest boots failed to start, one after another, within the same time. */
export function failuresInARow(boots: readonly Boot[], nowMs: number): number {
  const other = boots.findLastIndex(
    ({ end, startedAtMs }) => end?.kind !== "failed" || nowMs - startedAtMs >= LOOP_MS,
  );
  return boots.length - 1 - other;
}

/** The lines that make up a boot, without line feeds; the reverse of `readBoots`. */
export function bootLines(boot: Boot): string[] {
  const { id, startedAtMs, stages, refusal, safeMode, end, ...facts } = boot;
  const line = (event: string, at: number, fields: object) =>
    JSON.stringify({ boot: id, at, event, ...fields });
  const later = stages.filter(({ stage }) => stage !== "starting");
  const lines = [
    line("start", startedAtMs, facts),
    ...later.map(({ stage, atMs }) => line("stage", atMs, { stage })),
  ];
  if (safeMode) {
    const { atMs, crashes, untilMs } = safeMode;
    lines.push(line("safe-mode", atMs, { crashes }));
    if (untilMs !== undefined) lines.push(line("safe-mode-left", untilMs, {}));
  }
  if (refusal) {
    const { atMs, ...fields } = refusal;
    lines.push(line("refused", atMs, fields));
  }
  if (end) {
    const { atMs, ...fields } = end;
    lines.push(line("end", atMs, fields));
  }
  return lines;
}

function begin(id: string, startedAtMs: number, event: Event): Boot | undefined {
  const { pid, port, version, host, startTicks, kernelBootId, threadIds, oom } = event;
  if (typeof pid !== "number" || typeof port !== "number" || typeof version !== "string") return undefined;
  return {
    id,
    pid,
    port,
    version,
    startedAtMs,
    stages: [{ stage: "starting", atMs: startedAtMs }],
    ...(typeof host === "string" && { host }),
    ...(typeof startTicks === "number" && { startTicks }),
    ...(typeof kernelBootId === "string" && { kernelBootId }),
    ...(Array.isArray(threadIds) && { threadIds: threadIds.filter((tid) => typeof tid === "number") }),
    ...(isOomCounter(oom) && { oom }),
  };
}

function add(boot: Boot, atMs: number, event: Event): void {
  switch (event.event) {
    case "stage":
      if (isStage(event.stage)) boot.stages = [...boot.stages, { stage: event.stage, atMs }];
      if (typeof event.port === "number") boot.port = event.port;
      return;
    case "refused":
      boot.refusal = {
        atMs,
        what: String(event.what),
        lines: Array.isArray(event.lines) ? event.lines.map(String) : [],
        exitCode: typeof event.exitCode === "number" ? event.exitCode : 1,
        ...textOf(event, "why"),
        ...textOf(event, "fix"),
      };
      return;
    case "safe-mode":
      if (typeof event.crashes === "number") boot.safeMode = { atMs, crashes: event.crashes };
      return;
    case "safe-mode-left":
      if (boot.safeMode) boot.safeMode.untilMs = atMs;
      return;
    case "end":
      if (isEndKind(event.kind))
        boot.end ??= { kind: event.kind, atMs, ...textOf(event, "cause"), ...textOf(event, "fix") };
  }
}

function textOf<Name extends string>(event: Event, name: Name): Partial<Record<Name, string>> {
  const value = event[name];
  return typeof value === "string" ? ({ [name]: value } as Record<Name, string>) : {};
}

function isStage(value: unknown): value is BootStage {
  return BOOT_STAGES.some((stage) => stage === value);
}

function isEndKind(value: unknown): value is BootEndKind {
  return END_KINDS.some((kind) => kind === value);
}

function isOomCounter(value: unknown): value is OomCounter {
  const { file, kills } = (value ?? {}) as Record<string, unknown>;
  return typeof file === "string" && typeof kills === "number";
}

/** Half a line at the end belongs to a process that was ended while it wrote. */
function linesOf(file: string): string[] {
  try {
    return readRegular(file).split("\n");
  } catch {
    return [];
  }
}

function parse(line: string): Event | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Event) : undefined;
  } catch {
    return undefined;
  }
}
