import { computed, signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { call, link } from "../connect/link.ts";
import { Page, Trouble, useAction } from "../parts.tsx";
import { words } from "../words/words.ts";
import { LEVELS, type Level, type LogLine, parseLogLine } from "./log-line.ts";

interface Tail {
  file: string;
  cursor: string;
  lines: string[];
  truncated: boolean;
  reset: boolean;
}

/** More would make the page slow; the rest is in the file. */
const MAX_LINES = 1_000;
const FIRST_LINES = 300;
const FOLLOW_MS = 1_500;

const lines = signal<readonly LogLine[]>([]);
const file = signal("");
const cursor = signal<string | undefined>(undefined);
const level = signal<Level>("info");
const filter = signal("");
const follow = signal(true);
let lastId = 0;

const shown = computed(() => {
  const lowest = LEVELS.indexOf(level.value);
  const wanted = filter.value.trim().toLowerCase();
  return lines.value.filter(
    (line) =>
      LEVELS.indexOf(line.level) >= lowest &&
      (wanted === "" || `${line.area} ${line.text} ${line.fields}`.toLowerCase().includes(wanted)),
  );
});

async function read(): Promise<void> {
  const known = cursor.peek();
  const tail = await call<Tail>(
    "logs.tail",
    known === undefined ? { limit: FIRST_LINES } : { cursor: known },
  );
  const fresh = tail.lines.map((line) => parseLogLine(line, ++lastId));
  lines.value = [...(tail.reset ? [] : lines.peek()), ...fresh].slice(-MAX_LINES);
  cursor.value = tail.cursor;
  file.value = tail.file;
}

export function LogsPage() {
  const text = words.value.logs;
  const { error, run } = useAction();
  const box = useRef<HTMLOListElement>(null);
  const isOpen = link.value.kind === "open";

  // Asks again only while somebody looks and wants to follow.
  useEffect(() => {
    if (!isOpen) return;
    void run(read);
    if (!follow.value) return;
    const timer = setInterval(() => {
      if (!document.hidden) void run(read);
    }, FOLLOW_MS);
    return () => clearInterval(timer);
  }, [isOpen, follow.value]);
  useLayoutEffect(() => {
    if (follow.value) box.current!.scrollTop = box.current!.scrollHeight;
  }, [shown.value, follow.value]);

  return (
    <Page id="logs" title={text.title}>
      <div class="row controls">
        <label>
          {text.level}
          <select
            id="log-level"
            value={level.value}
            onChange={({ currentTarget }) => {
              level.value = currentTarget.value as Level;
            }}
          >
            {LEVELS.map((name) => (
              <option key={name} value={name}>
                {name === "debug" ? text.all : name}
              </option>
            ))}
          </select>
        </label>
        <input
          id="log-filter"
          type="search"
          aria-label={text.filter}
          placeholder={text.filter}
          value={filter.value}
          onInput={({ currentTarget }) => {
            filter.value = currentTarget.value;
          }}
        />
        <label class="check">
          <input
            id="log-follow"
            type="checkbox"
            checked={follow.value}
            onChange={({ currentTarget }) => {
              follow.value = currentTarget.checked;
            }}
          />
          {text.follow}
        </label>
      </div>
      <Trouble error={error} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ol class="log-lines" ref={box} tabIndex={0} aria-label={text.title}>
        {shown.value.map((line) => (
          <li key={line.id} class={line.level}>
            <span class="fine">{line.time}</span> <span class="level">{line.level}</span>{" "}
            <span class="area">{line.area}</span> {line.text} <span class="fine">{line.fields}</span>
          </li>
        ))}
      </ol>
      {shown.value.length === 0 && <p class="fine">{text.none}</p>}
      <p class="fine wrap">
        {text.truncated} <code>{file.value}</code>
      </p>
    </Page>
  );
}
