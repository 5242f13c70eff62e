import { useEffect, useRef } from "preact/hooks";
import { offers } from "../connect/link.ts";
import { go } from "../state/route.ts";
import {
  agents,
  archived,
  currentAgent,
  loadSessions,
  mainKeyOf,
  newKey,
  search,
  sessions,
} from "../state/sessions.ts";
import { words } from "../words/words.ts";
import { SessionItem } from "./session-item.tsx";

const TYPING_PAUSE_MS = 200;

export function SessionList() {
  const { chat } = words.value;
  const list = sessions.value;
  return (
    <section class="sessions" aria-label={chat.sessions}>
      {agents.value.length > 1 && (
        <label class="fine">
          {chat.agent}
          <select
            id="agent"
            value={currentAgent.value}
            onChange={({ currentTarget }) => go("chat", mainKeyOf(currentTarget.value))}
          >
            {agents.value.map(({ id, name }) => (
              <option key={id} value={id}>
                {name ?? id}
              </option>
            ))}
          </select>
        </label>
      )}
      <button
        id="new-chat"
        type="button"
        class="quiet"
        onClick={() => go("chat", newKey(currentAgent.value))}
      >
        {chat.newChat}
      </button>
      <Search />
      <ul>
        {list.map((row) => (
          <SessionItem key={row.key} row={row} />
        ))}
      </ul>
      {offers("sessions.patch") && (
        <label class="fine">
          <input
            id="archived"
            type="checkbox"
            checked={archived.value}
            onChange={({ currentTarget }) => {
              archived.value = currentTarget.checked;
              void loadSessions().catch(() => {});
            }}
          />
          {chat.archived}
        </label>
      )}
      {list.length === 0 && search.value !== "" && <p class="fine">{chat.noneFound}</p>}
    </section>
  );
}

function Search() {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <input
      id="search"
      type="search"
      aria-label={words.value.chat.search}
      placeholder={words.value.chat.search}
      value={search.value}
      onInput={({ currentTarget }) => {
        search.value = currentTarget.value;
        clearTimeout(timer.current);
        timer.current = setTimeout(() => void loadSessions().catch(() => {}), TYPING_PAUSE_MS);
      }}
    />
  );
}
