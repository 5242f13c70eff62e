import { useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { announced, chat, loadOlder, send } from "../state/chat.ts";
import { currentAgent } from "../state/sessions.ts";
import { words } from "../words/words.ts";
import { Composer } from "./composer.tsx";
import { Markdown } from "./markdown-view.tsx";
import { ToolCard } from "./tool-card.tsx";
import { type Part, type Turn, turnsOf } from "./transcript.ts";

/** Nearer to the end than this somebody is following what comes. */
const AT_END_PX = 60;

export function ChatPage() {
  const text = words.value.chat;
  const turns = useComputed(() => turnsOf(chat.value.messages)).value;
  const { outgoing, live, ending, loaded, olderCursor, key } = chat.value;
  const log = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const behind = useSignal(false);

  // Who reads further up is not pulled down.
  useLayoutEffect(() => {
    const box = log.current!;
    if (following.current) box.scrollTop = box.scrollHeight;
  });
  useLayoutEffect(() => {
    following.current = true;
  }, [key]);

  const waiting = outgoing.filter(
    ({ runId }) => !turns.some((turn) => turn.kind === "said" && turn.runId === runId),
  );
  const isEmpty = loaded && turns.length === 0 && waiting.length === 0 && !live;
  const last = turns.at(-1);
  const told = last?.kind === "answer" && last.note !== undefined;
  return (
    <section id="chat" class="chat" aria-label={text.conversation}>
      {/* Not announced piece by piece while it streams: #announce gets each reply once, whole. */}
      <div
        id="log"
        ref={log}
        role="log"
        aria-live="off"
        aria-label={text.conversation}
        aria-busy={!loaded}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          following.current = scrollHeight - scrollTop - clientHeight < AT_END_PX;
          behind.value = !following.current;
        }}
      >
        {olderCursor !== undefined && <Older log={log} />}
        {turns.map((turn) => (
          <TurnView key={turn.id} turn={turn} />
        ))}
        {waiting.map(({ runId, text: said }) => (
          <article key={runId} class="said">
            <h3 class="unseen">{text.you}</h3>
            <p class="text">{said}</p>
          </article>
        ))}
        {live && (
          <article class="answer">
            <h3>{currentAgent.value}</h3>
            <Parts parts={live.parts} />
            <p class="working fine">{text.working}</p>
          </article>
        )}
        {!live && waiting.length > 0 && <p class="working fine">{text.waiting}</p>}
        {!live && waiting.length === 0 && ending && <Ended told={told} lastSaid={lastSaid(turns)} />}
        {isEmpty && <Empty />}
      </div>
      {behind.value && (
        <button
          type="button"
          class="newest small quiet"
          onClick={() => {
            log.current!.scrollTop = log.current!.scrollHeight;
          }}
        >
          {text.newest}
        </button>
      )}
      <p id="announce" class="unseen" aria-live="polite">
        {announced}
      </p>
      <Composer />
    </section>
  );
}

function Older({ log }: { log: { current: HTMLDivElement | null } }) {
  async function show(): Promise<void> {
    const box = log.current!;
    const fromEnd = box.scrollHeight - box.scrollTop;
    await loadOlder();
    requestAnimationFrame(() => {
      box.scrollTop = box.scrollHeight - fromEnd;
    });
  }
  return (
    <button type="button" class="quiet small older" onClick={() => void show().catch(() => {})}>
      {words.value.chat.older}
    </button>
  );
}

/** Drawn again only when it says something else: a long conversation stays quick while an answer streams. */
function TurnView({ turn }: { turn: Turn }) {
  const agent = currentAgent.value;
  const table = words.value;
  const source = JSON.stringify(turn);
  // `source` is what the turn says, `table` its language.
  return useMemo(() => <TurnBody turn={turn} agent={agent} />, [source, agent, table]);
}

function TurnBody({ turn, agent }: { turn: Turn; agent: string }) {
  const text = words.value.chat;
  switch (turn.kind) {
    case "said":
      return (
        <article class="said">
          <h3 class="unseen">{text.you}</h3>
          <p class="text">{turn.text}</p>
          {turn.images > 0 && <p class="fine">{text.images(turn.images)}</p>}
        </article>
      );
    case "notice":
      return <p class="notice fine">{turn.text}</p>;
    case "answer":
      return (
        <article class="answer">
          <h3>{agent}</h3>
          <Parts parts={turn.parts} />
          {turn.note && (
            <p class={turn.note === "failed" ? "trouble" : "fine"}>{turn.error ?? text[turn.note]}</p>
          )}
        </article>
      );
  }
}

function Parts({ parts }: { parts: readonly Part[] }) {
  return (
    <>
      {parts.map((part) => (
        <PartView key={part.id} part={part} />
      ))}
    </>
  );
}

function PartView({ part }: { part: Part }) {
  switch (part.kind) {
    case "text":
      return <Markdown text={part.text} />;
    case "thinking":
      return (
        <details class="thinking">
          <summary>{words.value.chat.thinking}</summary>
          <p class="text">{part.text}</p>
        </details>
      );
    case "tool":
      return <ToolCard tool={part} />;
  }
}

/** How the last run ended, where that is not part of the conversation. */
function Ended({ told, lastSaid: again }: { told: boolean; lastSaid: string | undefined }) {
  const text = words.value.chat;
  const { kind, error } = chat.value.ending!;
  return (
    <div class="ended">
      {(!told || error) && <p class={kind === "failed" ? "trouble" : "fine"}>{error || text[kind]}</p>}
      {kind !== "silent" && again !== undefined && (
        <button type="button" class="small quiet" onClick={() => void send(again)}>
          {text.again}
        </button>
      )}
    </div>
  );
}

function lastSaid(turns: readonly Turn[]): string | undefined {
  const turn = turns.findLast(({ kind }) => kind === "said");
  return turn?.kind === "said" && turn.text !== "" ? turn.text : undefined;
}

function Empty() {
  const text = words.value.chat;
  return (
    <div id="empty" class="empty">
      <h2>{text.emptyTitle}</h2>
      <p>{text.empty}</p>
      <p>
        {["list files", "read AGENTS.md"].map((say) => (
          <button key={say} type="button" class="quiet" data-say={say} onClick={() => void send(say)}>
            {say}
          </button>
        ))}
      </p>
    </div>
  );
}
