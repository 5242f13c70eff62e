import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call, link, offers, whenFresh } from "../connect/link.ts";
import { Trouble, useAction } from "../parts.tsx";
import { chat } from "../state/conversation.ts";
import { currentRow, patchSession } from "../state/sessions.ts";
import { words } from "../words/words.ts";
import { titleOf } from "./session-title.ts";

interface Model {
  id: string;
  name: string;
  provider: string;
  tags: string[];
  thinkingLevels?: ({ id: string; label?: string } | string)[];
}

const models = signal<readonly Model[]>([]);

async function loadModels(): Promise<void> {
  models.value = (await call<{ models: Model[] }>("models.list")).models;
}
whenFresh(() => void loadModels().catch(() => {}));

/** Which conversation this is, and what answers in it. */
export function ChatHead() {
  const text = words.value.chat;
  const { error, busy, run } = useAction();
  const { key } = chat.value;
  const row = currentRow.value;
  const isOpen = link.value.kind === "open";
  useEffect(() => {
    if (isOpen && models.peek().length === 0) void loadModels().catch(() => {});
  }, [isOpen]);
  const first = models.value.find(({ tags }) => tags.includes("default"));
  const used = row?.model ? `${row.modelProvider ?? ""}/${row.model}` : "";
  const current = models.value.find((model) => refOf(model) === used) ?? first;
  const canChoose = offers("sessions.patch");
  const levels = (current?.thinkingLevels ?? []).map((level) =>
    typeof level === "string"
      ? { id: level, label: level }
      : { id: level.id, label: level.label ?? level.id },
  );
  const change = (what: Record<string, unknown>) => run(() => patchSession(key, what));
  return (
    <div id="chat-head" class="row">
      <h2>{row ? titleOf(row) : text.newChat}</h2>
      {canChoose && models.value.length > 0 ? (
        <select
          id="model"
          aria-label={text.model}
          disabled={busy}
          value={current ? refOf(current) : ""}
          onChange={({ currentTarget: { value } }) =>
            void change({ model: first && value === refOf(first) ? null : value })
          }
        >
          {models.value.map((model) => (
            <option key={refOf(model)} value={refOf(model)}>
              {model === first ? text.standard(model.name) : model.name}
            </option>
          ))}
        </select>
      ) : (
        current && <span class="fine">{refOf(current)}</span>
      )}
      {canChoose && levels.length > 0 && (
        <select
          id="thinking"
          aria-label={text.thinking}
          disabled={busy}
          value={row?.thinkingLevel ?? ""}
          onChange={({ currentTarget: { value } }) => void change({ thinkingLevel: value || null })}
        >
          <option value="">{text.thinkingStandard}</option>
          {levels.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      )}
      <Trouble error={error} />
    </div>
  );
}

function refOf({ provider, id }: Model): string {
  return `${provider}/${id}`;
}
