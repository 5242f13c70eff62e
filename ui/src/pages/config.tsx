import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isAdmin, link, offers } from "../connect/link.ts";
import { Command, Page, Trouble, useAction } from "../parts.tsx";
import { words } from "../words/words.ts";
import { ConfigFields } from "./config-fields.tsx";
import { ConfigHistory } from "./config-history.tsx";
import {
  draft,
  drop,
  file,
  forecast,
  isDirty,
  load,
  outdated,
  type ReloadPlan,
  saved,
  saveText,
} from "./config-store.ts";
import { Diff } from "./diff-view.tsx";
import { diffLines } from "./line-diff.ts";

const VIEWS = ["text", "form", "history"] as const;
const view = signal<(typeof VIEWS)[number]>("text");

export function ConfigPage() {
  const text = words.value.config;
  const { error, run } = useAction();
  useEffect(() => {
    if (!isDirty.peek()) void run(load);
  }, []);
  const current = file.value;
  const mayWrite = link.value.kind !== "open" || isAdmin();
  return (
    <Page id="config" title={text.title}>
      {!current && !error && <p class="fine">{words.value.loading}</p>}
      {current?.raw === null && (
        <>
          <p class="trouble" role="alert">
            {text.broken}
          </p>
          <Command text="openclaw doctor --fix" />
          {mayWrite && <ConfigHistory />}
        </>
      )}
      {typeof current?.raw === "string" && (
        <>
          <p class="fine wrap">{text.file(current.path)}</p>
          {!mayWrite && <p role="status">{text.readOnly}</p>}
          <fieldset class="row views">
            <legend class="unseen">{text.view}</legend>
            {VIEWS.filter((name) => name !== "history" || (mayWrite && offers("config.history"))).map(
              (name) => (
                <label key={name}>
                  <input
                    type="radio"
                    name="config-view"
                    id={`config-view-${name}`}
                    checked={view.value === name}
                    onChange={() => {
                      view.value = name;
                    }}
                  />
                  {text.views[name]}
                </label>
              ),
            )}
          </fieldset>
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
          {view.value === "text" && <TextEditor raw={current.raw} mayWrite={mayWrite} />}
          {view.value === "form" && <ConfigFields value={current.sourceConfig} mayWrite={mayWrite} />}
          {view.value === "history" && <ConfigHistory />}
        </>
      )}
      <Trouble error={error} />
      {saved.value && <SavedNote plan={saved.value} />}
    </Page>
  );
}

function TextEditor({ raw, mayWrite }: { raw: string; mayWrite: boolean }) {
  const text = words.value.config;
  const { error, busy, run } = useAction();
  const ahead = forecast.value;
  return (
    <>
      <textarea
        id="config-text"
        aria-label={text.editor}
        spellcheck={false}
        readOnly={!mayWrite}
        value={draft.value ?? raw}
        onInput={({ currentTarget: { value } }) => {
          saved.value = undefined;
          draft.value = value === raw ? undefined : value;
        }}
      />
      {draft.value !== undefined && (
        <section aria-label={text.diff}>
          <h3>{text.diff}</h3>
          <Diff id="config-diff" lines={diffLines(raw, draft.value)} />
        </section>
      )}
      {ahead && "plan" in ahead && <Plan plan={ahead.plan} />}
      {ahead && "error" in ahead && error === undefined && <Trouble error={ahead.error} />}
      <div class="row">
        <button
          id="config-save"
          type="button"
          disabled={draft.value === undefined || busy || !mayWrite}
          onClick={() => void run(saveText)}
        >
          {text.save}
        </button>
        <button type="button" class="quiet" disabled={draft.value === undefined} onClick={drop}>
          {text.revert}
        </button>
      </div>
      <Trouble error={error} />
    </>
  );
}

/** What would come of saving, before anybody saves. */
function Plan({ plan: { hot, restart } }: { plan: ReloadPlan }) {
  const text = words.value.config;
  return (
    <div id="config-plan" role="status">
      {hot.length === 0 && restart.length === 0 && <p>{text.planNothing}</p>}
      {hot.length > 0 && <p>{text.planHot(hot.join(", "))}</p>}
      {restart.length > 0 && <p>{text.planRestart(restart.join(", "))}</p>}
    </div>
  );
}

function SavedNote({ plan: { hot, restart } }: { plan: ReloadPlan }) {
  const text = words.value.config;
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
