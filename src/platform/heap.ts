import { setFlagsFromString } from "node:v8";

/**
 * For a process that idles for months and works in bursts: the young generation stays at its first size instead of
 * growing to 48 MB and staying there, and V8 prefers small over fast. The flags are read while the program runs, so
 * they work after the start and the launcher needs no second process.
 */
export function preferSmallHeap(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--optimize-for-size");
}

let settled = false;

/**
 * Called when work begins. The middle compiler tier is left out from then on: its working memory is never given back.
 * Not at the start, because an idle process is 5 MB smaller with it. Measured with the chat bench, both together:
 * 80 MB instead of 220 MB after 6,000 turns, at the same throughput.
 */
export function preferSmallUnderLoad(): void {
  if (settled) return;
  settled = true;
  setFlagsFromString("--no-maglev");
}
