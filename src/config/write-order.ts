import type { CheckedDraft, Current, WriteInput } from "./draft.ts";
import { realpathIfExists } from "./include-path.ts";
import { checkText } from "./load.ts";

/** One file of a write that changes several. */
export interface FileChange {
  /** Without symlinks. */
  target: string;
  before: string | undefined;
  text: string;
}

/** More files than these are not tried in every order. */
const MAX_TRIED = 6;

/**
 * The order in which a write puts its files in place: the main file last, since its stamp says that all of it is there,
 * unless a crash in between would then leave a config that does not load and another order does better.
 */
export async function placingOrder(
  { paths, env }: WriteInput,
  { raw }: Current,
  { text, included, stampOnly }: CheckedDraft,
): Promise<readonly FileChange[]> {
  const file = paths.configPath;
  // Who keeps the config elsewhere and links to it wants the link to stay.
  const main: FileChange = {
    target: raw === undefined ? file : (realpathIfExists(file) ?? file),
    before: raw,
    text,
  };
  const changes = [...included.map(({ real, before, text }) => ({ target: real, before, text })), main];
  if (stampOnly || changes.length === 1) return changes;
  // A command may run with fewer variables than the gateway; then nothing would load.
  const before = await checkText(raw, { paths, env, purpose: "start" });
  const purpose = before.ok ? "start" : "write";
  return await safeOrder(changes, async (placed) => {
    const texts = new Map(
      placed.filter((change) => change !== main).map(({ target, text }) => [target, text]),
    );
    const mainText = placed.includes(main) ? text : raw;
    return (await checkText(mainText, { paths, env, purpose, included: texts })).ok;
  });
}

/**
 * The first order in which every state on the way loads, or else the given one. `loads` is asked about the files that
 * are in place by then.
 */
export async function safeOrder(
  changes: readonly FileChange[],
  loads: (placed: readonly FileChange[]) => Promise<boolean>,
): Promise<readonly FileChange[]> {
  if (changes.length > MAX_TRIED) return changes;

  async function completed(placed: readonly FileChange[]): Promise<readonly FileChange[] | undefined> {
    const rest = changes.filter((change) => !placed.includes(change));
    if (rest.length === 1) return [...placed, ...rest];
    for (const next of rest) {
      const so = [...placed, next];
      const order = (await loads(so)) ? await completed(so) : undefined;
      if (order) return order;
    }
    return undefined;
  }

  return (await completed([])) ?? changes;
}
