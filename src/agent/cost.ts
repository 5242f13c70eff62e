import type { Usage } from "../protocol/messages.ts";
import type { ModelTarget } from "./provider.ts";

const TOKENS_PER_PRICE = 1_000_000;

/** By the prices of the config; undefined where it names none, which is not the same as free. */
export function costOf(usage: Usage, { cost }: ModelTarget): number | undefined {
  if (!cost || Object.values(cost).every((price) => price === undefined)) return undefined;
  // What is read from or put into a cache counts as input where no other price is given.
  const { input = 0, output = 0, cacheRead = input, cacheWrite = input } = cost;
  const sum =
    usage.input * input + usage.output * output + usage.cacheRead * cacheRead + usage.cacheWrite * cacheWrite;
  return sum / TOKENS_PER_PRICE;
}
