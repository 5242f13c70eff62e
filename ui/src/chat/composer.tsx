import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Command } from "../parts.tsx";
import { send, sendError, stop } from "../state/chat.ts";
import { chat, type QueueMode } from "../state/conversation.ts";
import { attachments, handed } from "../state/draft.ts";
import { words } from "../words/words.ts";
import { AttachedFiles, attach, FilePicker } from "./files.tsx";
import { completionsOf, learnCommands, SlashList } from "./slash.tsx";
import type { SlashCommand } from "./slash-match.ts";

const MAX_HEIGHT_PX = 240;
const MODES = ["followup", "steer", "interrupt"] as const satisfies readonly QueueMode[];

export function Composer() {
  const field = useRef<HTMLTextAreaElement>(null);
  const { live, outgoing, waiting, key } = chat.value;
  const busy = live !== undefined || outgoing.length > 0 || waiting.length > 0;
  const text = words.value.chat;
  const draft = useSignal("");
  const chosen = useSignal(0);
  const mode = useSignal<QueueMode>("followup");
  const found = completionsOf(draft.value);

  useEffect(() => {
    // On a phone the keyboard would cover what one came to read.
    if (!matchMedia("(pointer: coarse)").matches) field.current?.focus();
  }, [key]);
  useEffect(() => {
    if (!handed.value) return;
    put(handed.value.text);
    handed.value = undefined;
    field.current!.focus();
  }, [handed.value]);

  async function submit(): Promise<void> {
    const message = field.current!.value.trim();
    const files = attachments.peek();
    if (message === "" && files.length === 0) return;
    put("");
    attachments.value = [];
    if (await send(message, files, busy ? mode.peek() : "followup")) return;
    if (field.current!.value === "") put(message);
    if (attachments.peek().length === 0) attachments.value = files;
  }

  function put(words: string): void {
    field.current!.value = words;
    onInput();
  }

  /** As high as its text, up to a limit. */
  function onInput(): void {
    const area = field.current!;
    draft.value = area.value;
    chosen.value = 0;
    if (area.value.startsWith("/")) learnCommands();
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight + 2, MAX_HEIGHT_PX)}px`;
  }

  function take({ name, acceptsArgs }: SlashCommand): void {
    put(acceptsArgs ? `${name} ` : name);
    if (!acceptsArgs) draft.value = "";
  }

  /** Whether the key was one for the list of commands. */
  function onListKey({ key: pressed, shiftKey }: KeyboardEvent): boolean {
    const command = found[chosen.peek()];
    if (!command) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[pressed];
    const takes = pressed === "Tab" || (pressed === "Enter" && command.name !== draft.peek());
    if (step !== undefined) chosen.value = (chosen.peek() + step + found.length) % found.length;
    else if (pressed === "Escape") draft.value = "";
    else if (takes && !shiftKey) take(command);
    else return false;
    return true;
  }

  function onKeyDown(event: KeyboardEvent): void {
    // While an input method composes, the keys belong to it.
    if (event.isComposing) return;
    const isSend = event.key === "Enter" && !event.shiftKey;
    if (onListKey(event)) event.preventDefault();
    else if (isSend) {
      event.preventDefault();
      void submit();
    }
  }

  return (
    <form
      id="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      onPaste={(event) => {
        if (!event.clipboardData?.files.length) return;
        event.preventDefault();
        void attach(event.clipboardData.files);
      }}
    >
      {sendError.value !== undefined && (
        <div id="send-error" class="trouble" role="alert">
          <p>{text.sendFailed(sendError.value)}</p>
          <p class="fine">{text.sendHelp}</p>
          <Command text="openclaw status" />
        </div>
      )}
      <AttachedFiles />
      {found.length > 0 && <SlashList found={found} chosen={chosen.value} take={take} />}
      <label for="message" class="unseen">
        {text.message}
      </label>
      <textarea
        id="message"
        ref={field}
        rows={1}
        placeholder={text.placeholder}
        aria-describedby="keys"
        aria-autocomplete="list"
        aria-controls={found.length > 0 ? "slash" : undefined}
        aria-activedescendant={found.length > 0 ? `slash-${chosen.value}` : undefined}
        onInput={onInput}
        onKeyDown={onKeyDown}
      />
      <FilePicker />
      {busy && (
        <select
          id="queue-mode"
          aria-label={text.whileBusy}
          value={mode.value}
          onChange={({ currentTarget }) => {
            mode.value = currentTarget.value as QueueMode;
          }}
        >
          {MODES.map((name) => (
            <option key={name} value={name}>
              {text.queueModes[name]}
            </option>
          ))}
        </select>
      )}
      <button id="send" type="submit">
        {text.send}
      </button>
      {busy && (
        <button id="stop" type="button" class="quiet" onClick={() => void stop().catch(() => {})}>
          {text.stop}
        </button>
      )}
      <p id="keys" class="fine">
        {text.keys}
      </p>
    </form>
  );
}
