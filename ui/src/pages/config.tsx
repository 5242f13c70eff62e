import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call, link, listen, whenFresh } from "../connect/link.ts";
import { Command, Page, Trouble, useAction } from "../parts.tsx";
import { route } from "../state/route.ts";
import { words } from "../words/words.ts";
import { diffLines } from "./line-diff.ts";

interface ConfigFile {
  path: string;
  /** Null when the file on disk is broken. */
  raw: string | null;
  hash: string;
}

interface Saved {
  reload: { hot: string[]; restart: string[] };
}

const file = signal<ConfigFile | undefined>(undefined);
const draft = signal<string | undefined>(undefined);
const saved = signal<Saved | undefined>(undefined);
/** Somebody else wrote the file while it was being edited here. */
const outdated = signal(false);

async function load(): Promise<void> {
  file.value = await call<ConfigFile>("config.get");
  draft.value = undefined;
  outdated.value = false;
}

function onChange(): void {
  if (route.peek().page !== "config") return;
  if (draft.peek() === undefined) void load().catch(() => {});
  else outdated.value = true;
}
listen(({ event, payload }) => {
  if (event === "config.changed" && (payload as { hash: string }).hash !== file.peek()?.hash) onChange();
});
whenFresh(() => {
  if (draft.peek() === undefined) onChange();
});

async function save(): Promise<void> {
  const { hash } = file.peek()!;
  const done = await call<Saved>("config.set", { raw: draft.peek(), baseHash: hash });
  await load();
  saved.value = done;
}

export function ConfigPage() {
  const text = words.value.config;
  const { error, busy, run } = useAction();
  useEffect(() => {
    if (draft.peek() === undefined) void run(load);
  }, []);
  const current = file.value;
  const mayWrite = link.value.kind !== "open" || link.value.hello.auth.scopes.includes("operator.admin");
  return (
    <Page id="config" title={text.title}>
      {!current && !error && <p class="fine">{words.value.loading}</p>}
      {current?.raw === null && (
        <>
          <p class="trouble" role="alert">
            {text.broken}
          </p>
          <Command text="openclaw doctor --fix" />
        </>
      )}
      {typeof current?.raw === "string" && (
        <>
          <p class="fine wrap">{text.file(current.path)}</p>
          {!mayWrite && <p role="status">{text.readOnly}</p>}
          <textarea
            id="config-text"
            aria-label={text.editor}
            spellcheck={false}
            readOnly={!mayWrite}
            value={draft.value ?? current.raw}
            onInput={({ currentTarget: { value } }) => {
              saved.value = undefined;
              draft.value = value === current.raw ? undefined : value;
            }}
          />
          {draft.value !== undefined && <Diff before={current.raw} after={draft.value} />}
          {outdated.value && (
            <div class="row">
              <p class="trouble" role="alert">
                {text.changed}
              </p>
              <button type="button" class="small" onClick={() => void run(load)}>
                {text.load}
              </button>
            </div>
          )}
          <div class="row">
            <button
              id="config-save"
              type="button"
              disabled={draft.value === undefined || busy || !mayWrite}
              onClick={() => void run(save)}
            >
              {text.save}
            </button>
            <button
              type="button"
              class="quiet"
              disabled={draft.value === undefined}
              onClick={() => {
                draft.value = undefined;
              }}
            >
              {text.revert}
            </button>
          </div>
        </>
      )}
      <Trouble error={error} />
      {saved.value && <SavedNote saved={saved.value} />}
    </Page>
  );
}

function Diff({ before, after }: { before: string; after: string }) {
  const marks = { same: " ", removed: "-", added: "+" };
  return (
    <section aria-label={words.value.config.diff}>
      <h3>{words.value.config.diff}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre id="config-diff" class="diff" tabIndex={0}>
        {diffLines(before, after).map(({ kind, text }, index) => (
          <span key={index} class={kind}>{`${marks[kind]} ${text}\n`}</span>
        ))}
      </pre>
    </section>
  );
}

function SavedNote({ saved: { reload } }: { saved: Saved }) {
  const text = words.value.config;
  const { hot, restart } = reload;
  return (
    <div role="status" id="config-saved">
      {hot.length === 0 && restart.length === 0 && <p>{text.saved}</p>}
      {hot.length > 0 && <p>{text.savedHot(hot.join(", "))}</p>}
      {restart.length > 0 && (
        <>
          <p>{text.savedRestart(restart.join(", "))}</p>
          <Command text="openclaw restart" />
        </>
      )}
    </div>
  );
}
