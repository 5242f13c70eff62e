import type { ModelChain } from "./models.ts";
import type { ModelTarget } from "./provider.ts";

const LEVELS = ["minimal", "low", "medium", "high"] as const;
export type ThinkingLevel = (typeof LEVELS)[number];

/** What a person may choose: "off" leaves the model to its own habit, more than high is high. */
export const THINKING_LEVELS = ["off", ...LEVELS, "xhigh", "max"] as const;

/** The same models, thinking as hard as was chosen for this turn or session. */
export function thinkingAs(level: string | undefined, chain: ModelChain): ModelChain {
  if (level === undefined) return chain;
  const [first, ...rest] = chain.targets.map((target) => ({
    ...target,
    params: { ...target.params, thinking: level },
  }));
  return { ...chain, targets: [first!, ...rest] };
}

/** What `params.thinking` (or `thinkingDefault`) asks for; undefined where the model is left to its own habit. */
export function thinkingOf({ params, reasoning }: ModelTarget): ThinkingLevel | undefined {
  if (reasoning === false) return undefined;
  const wish = params?.thinking;
  if (wish === "xhigh" || wish === "max") return "high";
  return LEVELS.find((level) => level === wish);
}
