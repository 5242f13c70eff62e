import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { offers } from "../connect/link.ts";
import { Sure, Trouble, useAction } from "../parts.tsx";
import { linkTo, route } from "../state/route.ts";
import { agents, currentKey, deleteSession, patchSession, type Row } from "../state/sessions.ts";
import { when, words } from "../words/words.ts";
import { titleOf } from "./session-title.ts";

/** Of which conversation the choices are open: of one at a time. */
const opened = signal<string | undefined>(undefined);

export function SessionItem({ row }: { row: Row }) {
  const { chat } = words.value;
  const { key } = row;
  const isOpen = opened.value === key;
  const isCurrent = key === currentKey.value && route.value.page === "chat";
  const title = titleOf(row);
  return (
    <li data-session={key}>
      <div class="session">
        <a href={linkTo("chat", key)} aria-current={isCurrent ? "true" : undefined}>
          <span class={row.unread && !isCurrent ? "title unread" : "title"}>{title}</span>
          <span class="fine">
            {row.pinned && `${chat.pinned} · `}
            {agents.value.length > 1 && `${row.agentId} · `}
            {row.hasActiveRun ? chat.working : when(row.updatedAt)}
          </span>
        </a>
        {offers("sessions.patch") && (
          <button
            type="button"
            class="small quiet more"
            aria-expanded={isOpen}
            aria-label={chat.moreOf(title)}
            onClick={() => {
              opened.value = isOpen ? undefined : key;
            }}
          >
            …
          </button>
        )}
      </div>
      {isOpen && <Choices row={row} title={title} />}
    </li>
  );
}

function Choices({ row, title }: { row: Row; title: string }) {
  const { chat } = words.value;
  const { error, busy, run } = useAction();
  const naming = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  const { key, pinned, archived, isMain } = row;
  const change = (what: Record<string, unknown>) =>
    run(async () => {
      await patchSession(key, what);
      if (opened.peek() === key) opened.value = undefined;
    });
  useEffect(() => {
    if (naming.value) field.current?.select();
  }, [naming.value]);
  return (
    <div class="choices">
      {naming.value ? (
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            void change({ label: field.current!.value.trim() || null });
          }}
        >
          <input ref={field} aria-label={chat.name} defaultValue={title} maxLength={100} />
          <button type="submit" class="small" disabled={busy}>
            {chat.save}
          </button>
        </form>
      ) : (
        <div class="row">
          <button
            type="button"
            class="small quiet"
            onClick={() => {
              naming.value = true;
            }}
          >
            {chat.rename}
          </button>
          <button
            type="button"
            class="small quiet"
            disabled={busy}
            onClick={() => void change({ pinned: !pinned })}
          >
            {pinned ? chat.unpin : chat.pin}
          </button>
          {!isMain && (
            <>
              <button
                type="button"
                class="small quiet"
                disabled={busy}
                onClick={() => void change({ archived: !archived })}
              >
                {archived ? chat.unarchive : chat.archive}
              </button>
              {offers("sessions.delete") && (
                <Sure
                  label={chat.delete}
                  sure={chat.confirmDelete}
                  onSure={() => void run(() => deleteSession(key))}
                />
              )}
            </>
          )}
        </div>
      )}
      <Trouble error={error} />
    </div>
  );
}
