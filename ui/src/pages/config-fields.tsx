import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../connect/link.ts";
import { Trouble, useAction } from "../parts.tsx";
import { words } from "../words/words.ts";
import { type Edit, type Field, fieldsOf, meaningOf, patchOf, typedOf } from "./config-form.ts";
import { drop, edit, edits, loadSchema, saveEdits, schema } from "./config-store.ts";

const search = signal("");
/** What each path takes to be in force, asked once. */
const kinds = signal<Readonly<Record<string, string>>>({});

async function learnKind(path: string): Promise<void> {
  if (path in kinds.peek()) return;
  const found = await call<{ reloadKind?: string }>("config.schema.lookup", { path }).catch(() => undefined);
  kinds.value = { ...kinds.peek(), [path]: found?.reloadKind ?? "" };
}

/** The settings one by one. */
export function ConfigFields({ value, mayWrite }: { value: Record<string, unknown>; mayWrite: boolean }) {
  const text = words.value.config;
  const { error, busy, run } = useAction();
  useEffect(() => void run(loadSchema), []);
  if (!schema.value) return error ? <Trouble error={error} /> : <p class="fine">{words.value.loading}</p>;
  const wanted = search.value.trim().toLowerCase();
  const fields = fieldsOf(schema.value, value).filter(({ path }) =>
    path.join(".").toLowerCase().includes(wanted),
  );
  const groups = Map.groupBy(fields, ({ path }) => path[0]!);
  return (
    <form
      id="config-form"
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => saveEdits(patchOf(edits.peek())));
      }}
    >
      <input
        id="config-search"
        type="search"
        aria-label={text.searchSettings}
        placeholder={text.searchSettings}
        value={search.value}
        onInput={({ currentTarget }) => {
          search.value = currentTarget.value;
        }}
      />
      {fields.length === 0 && <p class="fine">{text.noSetting}</p>}
      {[...groups].map(([name, list]) => (
        <Group key={name} name={name} fields={list} open={wanted !== ""} mayWrite={mayWrite} />
      ))}
      {edits.value.length > 0 && (
        <section aria-label={text.diff}>
          <h3>{text.diff}</h3>
          <ul id="config-edits" class="rows">
            {edits.value.map((each) => (
              <EditRow key={each.path.join(".")} change={each} />
            ))}
          </ul>
        </section>
      )}
      <Trouble error={error} />
      <div class="row">
        <button id="form-save" type="submit" disabled={edits.value.length === 0 || busy || !mayWrite}>
          {text.save}
        </button>
        <button type="button" class="quiet" disabled={edits.value.length === 0} onClick={drop}>
          {text.revert}
        </button>
      </div>
    </form>
  );
}

function Group({
  name,
  fields,
  open,
  mayWrite,
}: {
  name: string;
  fields: readonly Field[];
  open: boolean;
  mayWrite: boolean;
}) {
  const set = fields.filter(({ value }) => value !== undefined).length;
  const isOpen = opened.value.has(name) || open;
  return (
    <details
      class="group"
      open={isOpen}
      onToggle={({ currentTarget }) => {
        if (open || currentTarget.open === opened.peek().has(name)) return;
        const next = new Set(opened.peek());
        if (currentTarget.open) next.add(name);
        else next.delete(name);
        opened.value = next;
      }}
    >
      <summary>
        {name} <span class="fine">{words.value.config.ofThem(set, fields.length)}</span>
      </summary>
      {isOpen &&
        fields.map((field) => <FieldRow key={field.path.join(".")} field={field} mayWrite={mayWrite} />)}
    </details>
  );
}
const opened = signal<ReadonlySet<string>>(new Set());

function FieldRow({ field, mayWrite }: { field: Field; mayWrite: boolean }) {
  const { path, kind, options, value } = field;
  const name = path.join(".");
  const pending = edits.value.find((each) => each.path.join(".") === name);
  const typed = typedOf(pending ? pending.after : value);
  const id = `field-${name}`;
  const change = (next: string) => edit({ path, before: value, after: meaningOf(kind, next) });
  const choices = kind === "boolean" ? ["true", "false"] : options;
  return (
    <div class={pending ? "field changed" : "field"}>
      <label for={id}>
        <code>{name}</code>
      </label>
      {choices.length > 0 ? (
        <select
          id={id}
          disabled={!mayWrite}
          value={typed}
          onChange={({ currentTarget }) => change(currentTarget.value)}
        >
          <option value="">{words.value.config.standard}</option>
          {choices.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      ) : kind === "lines" ? (
        <textarea
          id={id}
          readOnly={!mayWrite}
          rows={Math.min(6, typed.split("\n").length + 1)}
          value={typed}
          onChange={({ currentTarget }) => change(currentTarget.value)}
        />
      ) : (
        <input
          id={id}
          readOnly={!mayWrite}
          inputMode={kind === "number" ? "decimal" : "text"}
          placeholder={words.value.config.standard}
          autocomplete="off"
          spellcheck={false}
          value={typed}
          onChange={({ currentTarget }) => change(currentTarget.value)}
        />
      )}
    </div>
  );
}

function EditRow({ change: { path, before, after } }: { change: Edit }) {
  const text = words.value.config;
  const name = path.join(".");
  useEffect(() => void learnKind(name), [name]);
  const kind = kinds.value[name];
  const shown = (value: unknown) => (value === undefined ? text.standard : JSON.stringify(value));
  return (
    <li>
      <code>{name}</code>
      <p class="diff-inline">
        <del>{shown(before)}</del> → <ins>{shown(after)}</ins>
      </p>
      {(kind === "hot" || kind === "restart") && <p class="fine">{text.takes[kind]}</p>}
    </li>
  );
}
