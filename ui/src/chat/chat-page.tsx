import { useComputed, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { announced, send, stop } from "../state/chat.ts";
import { chat, loadNewer, loadNewest, loadOlder } from "../state/conversation.ts";
import { currentAgent } from "../state/sessions.ts";
import { words } from "../words/words.ts";
import { ChatHead } from "./chat-head.tsx";
import { Composer } from "./composer.tsx";
import { attach } from "./files.tsx";
import { type Turn, turnsOf } from "./transcript.ts";
import { TurnList } from "./turn-list.tsx";
import { Parts, Said } from "./turn-view.tsx";
import { useTurnWindow } from "./turn-window.ts";

export function ChatPage() {
  const text = words.value.chat;
  const turns = useComputed(() => turnsOf(chat.value.messages)).value;
  const { outgoing, waiting, live, ending, loaded, olderCursor, key, isBehind } = chat.value;
  const log = useRef<HTMLDivElement>(null);
  const dragged = useSignal(false);
  const window = useTurnWindow({
    log,
    key,
    ids: turns.map(({ id }) => id),
    isBehind,
    onNearTop: () => void loadOlder().catch(() => {}),
    onNearEnd: () => void loadNewer().catch(() => {}),
  });

  const unseen = outgoing.filter(
    ({ runId }) => !turns.some((turn) => turn.kind === "said" && turn.runId === runId),
  );
  const isEmpty = loaded && turns.length === 0 && unseen.length === 0 && waiting.length === 0 && !live;
  const last = turns.at(-1);
  const told = last?.kind === "answer" && last.note !== undefined;
  return (
    <section
      id="chat"
      class={dragged.value ? "chat dragged" : "chat"}
      aria-label={text.conversation}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        dragged.value = true;
      }}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget as Node | null)) dragged.value = false;
      }}
      onDrop={(event) => {
        dragged.value = false;
        if (!event.dataTransfer?.files.length) return;
        event.preventDefault();
        void attach(event.dataTransfer.files);
      }}
    >
      <ChatHead />
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
        onScroll={window.onScroll}
      >
        {olderCursor !== undefined && (
          <button type="button" class="quiet small older" onClick={() => void loadOlder().catch(() => {})}>
            {text.older}
          </button>
        )}
        <TurnList turns={turns} window={window} />
        {!isBehind && (
          <>
            {unseen.map(({ runId, text: said, images }) => (
              <Said key={runId} text={said} images={images} waits />
            ))}
            {waiting.map(({ runId, text: said }) => (
              <div key={runId} class="turn">
                <Said text={said} images={[]} waits />
                <p class="actions end">
                  <span class="fine">{text.waiting}</span>
                  <button type="button" class="small quiet" onClick={() => void stop(runId).catch(() => {})}>
                    {text.drop}
                  </button>
                </p>
              </div>
            ))}
            {live && (
              <article class="answer">
                <h3>{currentAgent.value}</h3>
                <Parts parts={live.parts} />
                <p class="working fine">{text.working}</p>
              </article>
            )}
            {!live && unseen.length > 0 && <p class="working fine">{text.waiting}</p>}
            {!live && unseen.length === 0 && ending && <Ended told={told} lastSaid={lastSaid(turns)} />}
          </>
        )}
        {isEmpty && <Empty />}
      </div>
      {(!window.following || isBehind) && (
        <button
          type="button"
          class="newest small quiet"
          onClick={() => {
            window.toEnd();
            void loadNewest().catch(() => {});
          }}
        >
          {text.newest}
        </button>
      )}
      <p id="announce" class="unseen" aria-live="polite">
        {announced}
      </p>
      <Composer />
      {dragged.value && <p class="drop-here">{text.dropHere}</p>}
    </section>
  );
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
