import { setTimeout as sleep } from "node:timers/promises";
import { type Boot, type BootRefusal, readBoots } from "../platform/boot-ledger.ts";
import type { Paths } from "../platform/paths.ts";
import { askStartup } from "./startup-probe.ts";

export interface AwaitBootInput {
  paths: Paths;
  /** Boots that were there before; the awaited one is another. */
  known: readonly Boot[];
  waitMs: number;
  /** Why it cannot come any more, as soon as that is so. */
  gone(): string | undefined;
}

export type BootOutcome =
  | { kind: "ready"; boot: Boot }
  /** The running gateway would not start with its config as it is now, and goes on. */
  | { kind: "refused"; refusal: BootRefusal }
  | { kind: "not-ready"; boot?: Boot; gone?: string };

const POLL_MS = 100;
const PROBE_MS = 2_000;

/** Waits until a gateway has started on this state folder, by its ledger, and answers. */
export async function awaitBoot({ paths, known, waitMs, gone }: AwaitBootInput): Promise<BootOutcome> {
  const endsAt = performance.now() + waitMs;
  for (;;) {
    // Asked first: what it wrote before it went counts.
    const reason = gone();
    const boots = readBoots(paths);
    const refusal = newRefusal(boots, known);
    if (refusal) return { kind: "refused", refusal };
    const boot = boots.findLast(({ id }) => known.every((before) => before.id !== id));
    if (boot && (await isReady(boot))) return { kind: "ready", boot };
    // Its own words are better than an exit code.
    const ended = boot?.end?.cause ?? reason;
    const leftMs = endsAt - performance.now();
    if (ended !== undefined || leftMs <= 0)
      return { kind: "not-ready", ...(boot && { boot }), ...(ended !== undefined && { gone: ended }) };
    await sleep(Math.min(POLL_MS, leftMs));
  }
}

function newRefusal(boots: readonly Boot[], known: readonly Boot[]): BootRefusal | undefined {
  for (const before of known) {
    const refusal = boots.find(({ id }) => id === before.id)?.refusal;
    if (refusal && refusal.atMs !== before.refusal?.atMs) return refusal;
  }
  return undefined;
}

async function isReady({ stages, host, port, end }: Boot): Promise<boolean> {
  if (end || !stages.some(({ stage }) => stage === "ready")) return false;
  return (await askStartup({ host: dialable(host), port }, PROBE_MS)) === "started";
}

function dialable(host: string | undefined): string {
  return host === undefined || host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
}
