import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call, isAdmin } from "../connect/link.ts";
import { Command, Page, Trouble, useAction } from "../parts.tsx";
import { loadModels, models, refOf, standardModel } from "../state/models.ts";
import { linkTo } from "../state/route.ts";
import { type Agent, mainKeyOf } from "../state/sessions.ts";
import { number, words } from "../words/words.ts";

interface ListedAgent extends Agent {
  workspace?: string;
  model?: { primary: string };
}

const list = signal<{ defaultId: string; agents: readonly ListedAgent[] } | undefined>(undefined);

async function load(): Promise<void> {
  const [found] = await Promise.all([
    call<{ defaultId: string; agents: ListedAgent[] }>("agents.list"),
    loadModels(),
  ]);
  list.value = found;
}

async function makeStandard(ref: string): Promise<void> {
  const { hash } = await call<{ hash: string }>("config.get");
  const patch = { agents: { defaults: { model: { primary: ref } } } };
  await call("config.patch", { raw: JSON.stringify(patch), baseHash: hash });
  await load();
}

/** Who answers here, and with which models. */
export function AgentsPage() {
  const text = words.value.agents;
  const { error, busy, run } = useAction();
  useEffect(() => void run(load), []);
  const known = list.value;
  return (
    <Page id="agents" title={text.title}>
      <Trouble error={error} />
      {!known && !error && <p class="fine">{words.value.loading}</p>}
      {known && (
        <>
          <h3>{text.agents}</h3>
          <ul class="rows">
            {known.agents.map(({ id, name, workspace, model }) => (
              <li key={id} data-agent={id}>
                <p>
                  <a href={linkTo("chat", mainKeyOf(id))}>
                    <strong>{name ?? id}</strong>
                  </a>{" "}
                  {id === known.defaultId && <span class="tag">{text.standard}</span>}
                </p>
                <p class="fine wrap">
                  {[id, model?.primary ?? text.standardModel, workspace].filter(Boolean).join(" · ")}
                </p>
              </li>
            ))}
          </ul>
          <h3>{text.models}</h3>
          {models.value.length === 0 && (
            <>
              <p>{text.noModel}</p>
              <Command text="openclaw models status" />
            </>
          )}
          <ul class="rows">
            {models.value.map((model) => (
              <li key={refOf(model)} data-model={refOf(model)}>
                <p>
                  <strong>{model.name}</strong>{" "}
                  {model === standardModel.value && <span class="tag">{text.standard}</span>}
                  {!model.available && <span class="tag">{text.unavailable}</span>}
                </p>
                <p class="fine wrap">
                  {[
                    refOf(model),
                    model.contextWindow !== undefined && text.context(number(model.contextWindow)),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </p>
                {isAdmin() && model !== standardModel.value && (
                  <div class="row">
                    <button
                      type="button"
                      class="small quiet"
                      disabled={busy}
                      onClick={() => void run(() => makeStandard(refOf(model)))}
                    >
                      {text.makeStandard}
                    </button>
                  </div>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </Page>
  );
}
