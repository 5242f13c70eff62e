import type { ModelTarget } from "./provider.ts";

const LEVELS = ["minimal", "low", "medium", "high"] as const;
export type ThinkingLevel = (typeof LEVELS)[number];

/** What `params.thinking` (or `thinkingDefault`) asks for; undefined where the model is left to its own habit. */
export function thinkingOf({ params, reasoning }: ModelTarget): ThinkingLevel | undefined {
  if (reasoning === false) return undefined;
  const wish = params?.thinking;
  if (wish === "xhigh" || wish === "max") return "high";
  return LEVELS.find((level) => level === wish);
}
