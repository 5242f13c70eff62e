import { readFileSync } from "node:fs";
import type { OomCounter } from "./kernel.ts";
import type { Paths } from "./paths.ts";

/** How far a start has come; a boot goes through them in this order. */
export const BOOT_STAGES = ["starting", "listening", "ready"] as const;
export type BootStage = (typeof BOOT_STAGES)[number];

/** How a gateway said goodbye. One that says nothing was ended by somebody else. */
export type BootEndKind = "stopped" | "restarting" | "failed" | "crash storm";

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

/** The lines that make up a boot, without line feeds; the reverse of `readBoots`. */
export function bootLines(boot: Boot): string[] {
  const { id, startedAtMs, stages, refusal, end, ...facts } = boot;
  const line = (event: string, at: number, fields: object) =>
    JSON.stringify({ boot: id, at, event, ...fields });
  const later = stages.filter(({ stage }) => stage !== "starting");
  const lines = [
    line("start", startedAtMs, facts),
    ...later.map(({ stage, atMs }) => line("stage", atMs, { stage })),
  ];
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
  return value === "stopped" || value === "restarting" || value === "failed" || value === "crash storm";
}

function isOomCounter(value: unknown): value is OomCounter {
  const { file, kills } = (value ?? {}) as Record<string, unknown>;
  return typeof file === "string" && typeof kills === "number";
}

/** Half a line at the end belongs to a process that was ended while it wrote. */
function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
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
