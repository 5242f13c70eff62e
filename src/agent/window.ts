import { LOCAL_SERVERS } from "./known-providers.ts";
import type { ModelTarget } from "./provider.ts";

/** Where nothing is said: what today's hosted models have at least, and what local servers are usually started with. */
const USUAL_TOKENS = 128_000;
const LOCAL_TOKENS = 32_768;
const ANTHROPIC_TOKENS = 200_000;
const LONG_TOKENS = 1_000_000;
const MAX_KNOWN = 500;
const MAX_SCALE = 3;

/** What calls have taught about windows, and about how well tokens are estimated. In memory, bounded. */
export interface Windows {
  /** Tokens of question and answer together; `cap` is the owner's. */
  of(target: ModelTarget, cap: number | undefined): number;
  /** Estimated tokens times this are what the service counts. */
  scale(target: ModelTarget): number;
  /** The service said that this was too much; `message` may name its limit. */
  overflowed(target: ModelTarget, sentTokens: number, message: string): void;
  counted(target: ModelTarget, estimated: number, counted: number): void;
}

interface Known {
  limit?: number;
  scale: number;
}

export function openWindows(): Windows {
  const known = new Map<string, Known>();

  function about(target: ModelTarget): Known {
    const name = nameOf(target);
    const found = known.get(name) ?? { scale: 1 };
    known.delete(name);
    known.set(name, found);
    if (known.size > MAX_KNOWN) known.delete(known.keys().next().value!);
    return found;
  }

  return {
    of: (target, cap = Number.POSITIVE_INFINITY) =>
      Math.min(usualWindow(target), known.get(nameOf(target))?.limit ?? Number.POSITIVE_INFINITY, cap),
    scale: (target) => known.get(nameOf(target))?.scale ?? 1,
    overflowed(target, sentTokens, message) {
      const found = about(target);
      const said = limitIn(message);
      const limit = said !== undefined && said < usualWindow(target) ? said : Math.floor(sentTokens * 0.7);
      found.limit = Math.max(1_024, Math.min(found.limit ?? Number.POSITIVE_INFINITY, limit));
    },
    counted(target, estimated, counted) {
      if (estimated < 500) return;
      about(target).scale = Math.min(MAX_SCALE, Math.max(1, counted / estimated));
    },
  };
}

/** The long window and the short one of the same model are two windows. */
function nameOf({ provider, model, baseUrl, params }: ModelTarget): string {
  return `${provider}/${model} ${baseUrl}${params?.context1m === true ? " 1m" : ""}`;
}

function usualWindow({ contextWindow, provider, api, params }: ModelTarget): number {
  if (params?.context1m === true) return Math.max(contextWindow ?? 0, LONG_TOKENS);
  if (contextWindow !== undefined) return contextWindow;
  if (api === "anthropic-messages") return ANTHROPIC_TOKENS;
  return Object.hasOwn(LOCAL_SERVERS, provider) ? LOCAL_TOKENS : USUAL_TOKENS;
}

/** "maximum context length is 8192 tokens", "213000 tokens > 200000 maximum", "n_ctx (4096)". */
function limitIn(message: string): number | undefined {
  const match =
    /(?:maximum|max|limit)[a-z_ ]{0,40}?(?:length|window|size|tokens|of|is)[^\d]{0,20}(\d[\d,_]{2,})/i.exec(
      message,
    ) ??
    />\s*(\d[\d,_]{2,})\s*(?:tokens )?(?:maximum|max|limit)/i.exec(message) ??
    /n_ctx\D{0,10}(\d{3,})/i.exec(message);
  const limit = match && Number(match[1]!.replace(/[,_]/g, ""));
  return limit && limit >= 1_000 ? limit : undefined;
}
