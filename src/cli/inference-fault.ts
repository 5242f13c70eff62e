import { Fault } from "../platform/fault.ts";

/** What to try where a bare call failed. */
export function inferenceFault(
  error: string | undefined,
  { fix, provider, model }: { fix?: unknown; provider?: string; model?: string },
): Fault {
  const [what, ownFix] = (error ?? "no reason given").split(" — fix: ");
  const named = provider === undefined ? "" : ` of ${provider}/${model}`;
  return new Fault(`model call${named} failed: ${what}`, {
    fix: ownFix ?? (typeof fix === "string" ? fix : "openclaw models list --all"),
  });
}
