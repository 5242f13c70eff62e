import { computed, signal } from "@preact/signals";
import { call, listen, offers, whenFresh } from "../connect/link.ts";
import { route } from "../state/route.ts";
import type { Edit } from "./config-form.ts";

interface ConfigFile {
  path: string;
  /** Null when the file on disk is broken. */
  raw: string | null;
  /** What the file says, without what it leaves to the standard. */
  sourceConfig: Record<string, unknown>;
  hash: string;
}

export interface ReloadPlan {
  hot: string[];
  restart: string[];
}

export interface Version {
  number: number;
  atMs: number;
  author: { kind: string; name?: string };
  command?: string;
  restores?: number;
  current: boolean;
  diff: string[];
}

export const file = signal<ConfigFile | undefined>(undefined);
export const draft = signal<string | undefined>(undefined);
export const edits = signal<readonly Edit[]>([]);
export const saved = signal<ReloadPlan | undefined>(undefined);
export const schema = signal<Record<string, unknown> | undefined>(undefined);
export const history = signal<readonly Version[] | undefined>(undefined);
/** Somebody else wrote the file while it was being edited here. */
export const outdated = signal(false);
/** What saving the draft would do, or why it cannot be saved. */
export const forecast = signal<{ plan: ReloadPlan } | { error: unknown } | undefined>(undefined);
export const isDirty = computed(() => draft.value !== undefined || edits.value.length > 0);

const TYPING_PAUSE_MS = 500;

export async function load(): Promise<void> {
  file.value = await call<ConfigFile>("config.get");
  drop();
  outdated.value = false;
  if (history.peek()) await loadHistory();
}

export function drop(): void {
  draft.value = undefined;
  edits.value = [];
  forecast.value = undefined;
}

export async function loadHistory(): Promise<void> {
  history.value = (await call<{ versions: Version[] }>("config.history")).versions;
}

export async function loadSchema(): Promise<void> {
  schema.value ??= (await call<{ schema: Record<string, unknown> }>("config.schema")).schema;
}

function onChange(): void {
  if (route.peek().page !== "config") return;
  if (!isDirty.peek()) void load().catch(() => {});
  else outdated.value = true;
}
listen(({ event, payload }) => {
  if (event === "config.changed" && (payload as { hash: string }).hash !== file.peek()?.hash) onChange();
});
whenFresh(() => {
  if (!isDirty.peek()) onChange();
});

export function edit(change: Edit): void {
  saved.value = undefined;
  const others = edits.peek().filter(({ path }) => path.join("\0") !== change.path.join("\0"));
  const isSame = JSON.stringify(change.before) === JSON.stringify(change.after);
  edits.value = isSame ? others : [...others, change];
}

export async function saveText(): Promise<void> {
  const { hash } = file.peek()!;
  const { reload } = await call<{ reload: ReloadPlan }>("config.set", { raw: draft.peek(), baseHash: hash });
  await load();
  saved.value = reload;
}

export async function saveEdits(patch: Record<string, unknown>): Promise<void> {
  const { hash } = file.peek()!;
  const { reload } = await call<{ reload: ReloadPlan }>("config.patch", {
    raw: JSON.stringify(patch),
    baseHash: hash,
  });
  await load();
  saved.value = reload;
}

export async function undo(number?: number): Promise<void> {
  const { reload } = await call<{ reload: ReloadPlan }>(
    "config.undo",
    number === undefined ? {} : { number },
  );
  await load();
  saved.value = reload;
}

let timer: ReturnType<typeof setTimeout> | undefined;
// Asks the gateway when somebody stops typing.
draft.subscribe((raw) => {
  clearTimeout(timer);
  forecast.value = undefined;
  if (raw === undefined || !offers("config.history")) return;
  timer = setTimeout(() => {
    void call<{ reload: ReloadPlan }>("config.set", { raw, baseHash: file.peek()!.hash, dryRun: true })
      .then(
        ({ reload }) => ({ plan: reload }),
        (error: unknown) => ({ error }),
      )
      .then((found) => {
        if (draft.peek() === raw) forecast.value = found;
      });
  }, TYPING_PAUSE_MS);
});
