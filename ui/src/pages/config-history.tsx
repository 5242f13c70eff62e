import { useEffect } from "preact/hooks";
import { Sure, Trouble, useAction } from "../parts.tsx";
import { when, words } from "../words/words.ts";
import { history, loadHistory, undo, type Version } from "./config-store.ts";
import { Diff } from "./diff-view.tsx";
import { unifiedLines } from "./line-diff.ts";

/** The versions the config has had; each can be put back. */
export function ConfigHistory() {
  const text = words.value.config;
  const { error, busy, run } = useAction();
  useEffect(() => void run(loadHistory), []);
  const versions = history.value;
  return (
    <section id="config-history" aria-label={text.views.history}>
      <Trouble error={error} />
      {versions?.length === 0 && <p class="fine">{text.noVersions}</p>}
      <ul class="rows">
        {versions?.map((version) => (
          <li key={version.number}>
            <details>
              <summary>
                {text.version(version.number, when(version.atMs))} · {authorOf(version)}
                {version.current && <span class="tag">{text.now}</span>}
              </summary>
              <Diff lines={unifiedLines(version.diff)} />
            </details>
            {!version.current && (
              <div class="row">
                <Sure
                  label={text.putBack}
                  sure={text.confirmPutBack}
                  onSure={() => {
                    if (!busy) void run(() => undo(version.number));
                  }}
                />
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function authorOf({ author, command, restores }: Version): string {
  const who = author.name ? `${author.kind} (${author.name})` : author.kind;
  const what = restores === undefined ? command : words.value.config.restores(restores);
  return [who, what].filter(Boolean).join(" · ");
}
