import { useSignal } from "@preact/signals";
import { call, offers } from "../connect/link.ts";
import { CopyButton, Steady, Trouble, useAction } from "../parts.tsx";
import { send } from "../state/chat.ts";
import { takeBack } from "../state/draft.ts";
import { currentAgent } from "../state/sessions.ts";
import { duration, money, number, words } from "../words/words.ts";
import { Markdown } from "./markdown-view.tsx";
import { ToolCard } from "./tool-card.tsx";
import type { Answer, Part, Picture, Turn } from "./transcript.ts";

/** Drawn again only when it is another: a long conversation stays quick while an answer streams. */
export function TurnView({ turn }: { turn: Turn }) {
  const agent = currentAgent.value;
  const table = words.value;
  return <Steady of={[turn, agent, table]} draw={() => <TurnBody turn={turn} agent={agent} />} />;
}

function TurnBody({ turn, agent }: { turn: Turn; agent: string }) {
  switch (turn.kind) {
    case "said":
      return <Said text={turn.text} images={turn.images} />;
    case "notice":
      return <p class="notice fine">{turn.text}</p>;
    case "answer":
      return <AnswerView answer={turn} agent={agent} />;
  }
}

export function Said({ text, images, waits }: { text: string; images: readonly Picture[]; waits?: boolean }) {
  const { chat } = words.value;
  return (
    <>
      <article class={waits ? "said waits" : "said"}>
        <h3 class="unseen">{chat.you}</h3>
        {text !== "" && <p class="text">{text}</p>}
        {images.length > 0 && <Pictures images={images} />}
      </article>
      {!waits && (
        <p class="actions end">
          <button type="button" class="small quiet" onClick={() => takeBack(text)}>
            {chat.edit}
          </button>
          <button type="button" class="small quiet" onClick={() => void sendAgain(text, images)}>
            {chat.again}
          </button>
          <CopyButton text={text} />
        </p>
      )}
    </>
  );
}

function sendAgain(text: string, images: readonly Picture[]): Promise<boolean> {
  return send(
    text,
    images.map((image, id) => ({ kind: "image", id, name: "", ...image })),
  );
}

function Pictures({ images }: { images: readonly Picture[] }) {
  const large = useSignal<number | undefined>(undefined);
  const { chat } = words.value;
  return (
    <p class="pictures">
      {images.map(({ mimeType, data }, index) => (
        <button
          key={index}
          type="button"
          class={large.value === index ? "quiet picture large" : "quiet picture"}
          aria-expanded={large.value === index}
          onClick={() => {
            large.value = large.value === index ? undefined : index;
          }}
        >
          <img src={`data:${mimeType};base64,${data}`} alt={chat.image(index + 1)} />
        </button>
      ))}
    </p>
  );
}

function AnswerView({ answer, agent }: { answer: Answer; agent: string }) {
  const text = words.value.chat;
  const { parts, note, error } = answer;
  const said = parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n\n");
  return (
    <>
      <article class="answer">
        <h3>{agent}</h3>
        <Parts parts={parts} />
        {note && <p class={note === "failed" ? "trouble" : "fine"}>{error ?? text[note]}</p>}
      </article>
      <div class="actions">
        {said !== "" && <CopyButton text={said} />}
        <Cost answer={answer} />
      </div>
    </>
  );
}

interface ModelCall {
  provider: string;
  model: string;
  outcome: string;
  durationMs: number;
  usage?: { input: number; output: number; cacheRead: number };
  cost?: number;
}

/** How many tokens an answer took; which calls they were and what they cost when somebody asks. */
function Cost({ answer: { usage, model, runId } }: { answer: Answer }) {
  const text = words.value.chat;
  const calls = useSignal<ModelCall[] | undefined>(undefined);
  const { error, run } = useAction();
  if (!usage || usage.totalTokens === 0) return null;
  const brief = text.tokens(number(usage.input), number(usage.output));
  if (runId === undefined || !offers("usage.calls"))
    return (
      <span class="fine">
        {brief} · {model}
      </span>
    );
  const price = calls.value?.reduce<number | undefined>(
    (sum, { cost }) => (cost === undefined ? sum : (sum ?? 0) + cost),
    undefined,
  );
  return (
    <details
      class="cost fine"
      onToggle={({ currentTarget }) => {
        if (!currentTarget.open || calls.peek()) return;
        void run(async () => {
          calls.value = (await call<{ calls: ModelCall[] }>("usage.calls", { runId })).calls;
        });
      }}
    >
      <summary>
        {brief} · {model}
      </summary>
      <Trouble error={error} />
      {calls.value && (
        <>
          <ul>
            {calls.value.map((each, index) => (
              <li key={index}>
                {`${each.provider}/${each.model}: ${each.outcome}, ${duration(each.durationMs)}`}
                {each.usage && `, ${text.tokens(number(each.usage.input), number(each.usage.output))}`}
                {each.cost !== undefined && `, ${money(each.cost)}`}
              </li>
            ))}
          </ul>
          <p>{price === undefined ? text.noPrice : text.price(money(price))}</p>
        </>
      )}
    </details>
  );
}

export function Parts({ parts }: { parts: readonly Part[] }) {
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
