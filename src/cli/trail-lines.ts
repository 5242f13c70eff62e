import type { ResultOf } from "../gateway/method.ts";
import type chatExplain from "../gateway/methods/chat/explain.ts";
import { printable } from "../platform/printable.ts";
import type { Paint } from "./io.ts";

export type Trail = ResultOf<typeof chatExplain>;

/** A run or a message is named by one word with a digit in it; texts of errors have blanks. Chat apps count. */
export function looksLikeId(text: string): boolean {
  return /^\d{1,20}$/.test(text) || (/^[\w:.-]{4,256}$/.test(text) && /\d/.test(text));
}

export function trailLines(
  { runId, sessionKey, agentId, state, steps }: Trail,
  { bold, red, dim }: Paint,
): string[] {
  const begin = steps.find(({ at }) => at !== undefined)?.at;
  const width = Math.max(...steps.map(({ step, outcome }) => step.length + outcome.length + 1), 0);
  const head = [
    runId ? `run ${runId}` : undefined,
    sessionKey && `session ${sessionKey}`,
    agentId && `agent ${agentId}`,
  ];
  return [
    `${bold(printable(head.filter(Boolean).join(", ") || "a message without a run"))}: ${state}`,
    ...(begin === undefined ? [] : [dim(`began ${new Date(begin).toISOString()}`)]),
    ...steps.map(({ at, step, outcome, text }) => {
      const when = at === undefined || begin === undefined ? "" : `+${Math.max(0, at - begin)} ms`;
      const what = `${step} ${outcome}`.padEnd(width);
      const bad =
        /^(failed|error|dropped|aborted|interrupted)$/.test(outcome) ||
        (step === "model" && outcome !== "ok");
      return `${printable(when.padStart(11))}  ${bad ? red(what) : what}  ${printable(text)}`;
    }),
  ];
}
