import type { TranscriptMessage } from "../protocol/messages.ts";
import type { AbortWatch } from "./abort.ts";
import { hardCut, trimTools, withLead } from "./fit.ts";
import { forModel } from "./history.ts";
import type { ModelTarget } from "./provider.ts";
import type { Candidate, Compaction, HistoryMessage, RunInput } from "./run.ts";
import { summarise } from "./summary.ts";
import { tokensOf, tokensOfAll, tokensOfTools } from "./tokens.ts";

export const RESERVE_TOKENS = 16_384;
const KEEP_RECENT_TOKENS = 20_000;
const SHORTER = 0.6;

/** What the model is shown: the conversation, always within the window of whoever is asked. */
export interface Context {
  push(...messages: readonly TranscriptMessage[]): void;
  /** The messages of the next call. May ask a model for a summary first. */
  prepare(candidate: Candidate): Promise<readonly TranscriptMessage[] | "aborted">;
  /** The service found the last call too long. True where the next one can be shorter. */
  overflowed(target: ModelTarget, message: string): boolean;
  counted(target: ModelTarget, usedTokens: number): void;
  /** Compacts everything but the newest exchange, whatever the window says. */
  compactNow(candidate: Candidate): Promise<CompactedNow>;
}

export type CompactedNow =
  | { kind: "compacted"; tokensBefore: number; tokensAfter: number }
  | { kind: "nothing-to-do" }
  | { kind: "failed"; why: string }
  | { kind: "aborted" };

export function openContext(input: RunInput, abort: AbortWatch): Context {
  const { windows, compaction = {} } = input;
  let { earlier } = input;
  let history: readonly HistoryMessage[] = [...input.history];
  const added: TranscriptMessage[] = [];
  const fixedTokens = tokensOf(input.system) + tokensOfTools([...input.tools, ...(input.clientTools ?? [])]);
  let sentTokens = 0;
  /** What is sent again has to be shorter, whatever the service says its limit is. */
  let ceiling = Number.POSITIVE_INFINITY;
  let reason: Compaction["reason"] = "window";
  let failedBefore = false;
  let noticed = false;

  /** Estimated tokens for messages; the estimate is corrected by what the service counted. */
  function roomFor(target: ModelTarget): number {
    const window = windows.of(target, compaction.contextTokens);
    const answer = Math.max(compaction.reserveTokens ?? RESERVE_TOKENS, target.maxTokens ?? 0);
    const reserve = Math.min(answer, Math.floor(window / 4));
    const room = Math.floor((window - reserve) / windows.scale(target)) - fixedTokens;
    return Math.max(Math.min(room, ceiling), 256);
  }

  function assemble(): readonly TranscriptMessage[] {
    const messages = [...forModel(history), ...added];
    const [first, ...rest] = messages;
    if (earlier === undefined || first === undefined) return messages;
    const lead = `[What was said before, as a summary. It is a record and asks for nothing.]\n${earlier}\n[End of the summary.]`;
    return [withLead(first, lead), ...rest];
  }

  async function prepare(candidate: Candidate): Promise<readonly TranscriptMessage[] | "aborted"> {
    const room = roomFor(candidate.target);
    const whole = assemble();
    const tokens = tokensOfAll(whole);
    if (tokens <= room) {
      sentTokens = fixedTokens + tokens;
      return whole;
    }
    let messages = trimTools(whole, room);
    if (tokensOfAll(messages) > room && !failedBefore) {
      const compacted = await compact(
        candidate,
        room,
        recentStart(Math.min(keepRecent(), Math.floor(room / 3))),
      );
      if (compacted.kind === "aborted") return "aborted";
      if (compacted.kind === "failed") failedBefore = true;
      messages = trimTools(assemble(), room);
    }
    const fitting = hardCut(messages, room);
    if (fitting !== messages) notice();
    sentTokens = fixedTokens + tokensOfAll(fitting);
    return fitting;
  }

  function keepRecent(): number {
    return compaction.keepRecentTokens ?? KEEP_RECENT_TOKENS;
  }

  /** Where the newest whole exchanges begin that fit into `tokens`; the last question is always among them. */
  function recentStart(tokens: number): number {
    let start = history.findLastIndex(({ role }) => role === "user");
    let used = 0;
    for (let index = history.length - 1; index >= 0; index--) {
      used += tokensOfAll([history[index]!]);
      if (used > tokens) break;
      if (history[index]!.role === "user" && index < start) start = index;
    }
    return Math.max(0, start);
  }

  async function compact(candidate: Candidate, room: number, start: number): Promise<CompactedNow> {
    const old = history.slice(0, start);
    const last = old.at(-1);
    if (!last || compaction.enabled === false) return { kind: "nothing-to-do" };
    const tokensBefore = tokensOfAll(assemble());
    input.onEvent({ kind: "compacting" });
    const asked = compaction.candidate ?? candidate;
    const summary = await summarise(
      input,
      {
        previous: earlier,
        messages: forModel(old),
        candidate: asked,
        room: asked === candidate ? room : roomFor(asked.target),
      },
      abort,
    );
    if (summary.kind !== "made") {
      input.onEvent({ kind: "compacted", outcome: summary });
      return summary;
    }
    earlier = summary.text;
    history = history.slice(start);
    const tokensAfter = tokensOfAll(assemble());
    input.onEvent({
      kind: "compacted",
      outcome: {
        kind: "made",
        record: { reason, throughSeq: last.seq ?? 0, summary: earlier, tokensBefore, tokensAfter },
      },
    });
    return { kind: "compacted", tokensBefore, tokensAfter };
  }

  /** Once a run is enough: the person has to know, not to be told again and again. */
  function notice(): void {
    if (noticed) return;
    noticed = true;
    input.onEvent({
      kind: "notice",
      text: "The conversation is longer than the model's context: its oldest part was left out of this answer. /compact makes a summary of it, /new begins afresh.",
    });
  }

  return {
    push: (...messages) => void added.push(...messages),
    prepare,
    overflowed(target, message) {
      windows.overflowed(target, sentTokens, message);
      reason = "overflow";
      ceiling = Math.floor((sentTokens - fixedTokens) * SHORTER);
      return ceiling > 256;
    },
    counted(target, usedTokens) {
      if (usedTokens > 0) windows.counted(target, sentTokens, usedTokens);
    },
    compactNow(candidate) {
      reason = "manual";
      return compact(candidate, roomFor(candidate.target), newestExchange(history));
    },
  };
}

/** The last question and what came of it stay as they are, unless they are all there is. */
function newestExchange(history: readonly HistoryMessage[]): number {
  return Math.max(
    0,
    history.findLastIndex(({ role }) => role === "user"),
  );
}
