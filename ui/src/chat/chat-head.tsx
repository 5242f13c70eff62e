import { offers } from "../connect/link.ts";
import { Trouble, useAction } from "../parts.tsx";
import { chat } from "../state/conversation.ts";
import { models, refOf, standardModel } from "../state/models.ts";
import { currentRow, patchSession } from "../state/sessions.ts";
import { words } from "../words/words.ts";
import { titleOf } from "./session-title.ts";

/** How hard a model may think; "off" leaves it to its own habit. */
const THINKING = ["off", "minimal", "low", "medium", "high", "xhigh", "max"];

/** Which conversation this is, and what answers in it. */
export function ChatHead() {
  const text = words.value.chat;
  const { error, busy, run } = useAction();
  const { key } = chat.value;
  const row = currentRow.value;
  const first = standardModel.value;
  const used = row?.model ? `${row.modelProvider ?? ""}/${row.model}` : "";
  const current = models.value.find((model) => refOf(model) === used) ?? first;
  const canChoose = offers("sessions.patch");
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
      {canChoose && (
        <select
          id="thinking"
          aria-label={text.thinking}
          disabled={busy}
          value={row?.thinkingLevel ?? ""}
          onChange={({ currentTarget: { value } }) => void change({ thinkingLevel: value || null })}
        >
          <option value="">{text.thinkingStandard}</option>
          {THINKING.map((level) => (
            <option key={level} value={level}>
              {text.thinkingLevel(level)}
            </option>
          ))}
        </select>
      )}
      <Trouble error={error} />
    </div>
  );
}
