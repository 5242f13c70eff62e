import { useEffect, useRef } from "preact/hooks";
import type { SessionRow } from "../../../src/protocol/entities.ts";
import { go, linkTo, route } from "../state/route.ts";
import {
  agents,
  currentAgent,
  currentKey,
  loadSessions,
  mainKeyOf,
  newKey,
  search,
  sessions,
} from "../state/sessions.ts";
import { when, words } from "../words/words.ts";

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
          <li key={row.key}>
            <a
              href={linkTo("chat", row.key)}
              aria-current={row.key === currentKey.value && route.value.page === "chat" ? "true" : undefined}
            >
              <span class="title">{titleOf(row)}</span>
              <span class="fine">
                {agents.value.length > 1 && `${row.agentId} · `}
                {row.hasActiveRun ? chat.working : when(row.updatedAt)}
              </span>
            </a>
          </li>
        ))}
      </ul>
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

export function titleOf({
  label,
  displayName,
  derivedTitle,
  lastMessagePreview,
  isMain,
  key,
}: SessionRow): string {
  if (isMain) return label ?? words.value.chat.main;
  return label ?? displayName ?? derivedTitle ?? lastMessagePreview ?? key.replace(/^agent:[^:]+:/, "");
}
