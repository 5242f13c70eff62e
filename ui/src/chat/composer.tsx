import { useEffect, useRef } from "preact/hooks";
import { Command } from "../parts.tsx";
import { chat, send, sendError, stop } from "../state/chat.ts";
import { words } from "../words/words.ts";

const MAX_HEIGHT_PX = 240;

export function Composer() {
  const field = useRef<HTMLTextAreaElement>(null);
  const { live, outgoing, key } = chat.value;
  const busy = live !== undefined || outgoing.length > 0;
  const text = words.value.chat;

  useEffect(() => {
    // On a phone the keyboard would cover what one came to read.
    if (!matchMedia("(pointer: coarse)").matches) field.current?.focus();
  }, [key]);

  async function submit(): Promise<void> {
    const area = field.current!;
    const message = area.value.trim();
    if (message === "") return;
    area.value = "";
    fit();
    if (await send(message)) return;
    if (area.value === "") area.value = message;
    fit();
  }

  /** As high as its text, up to a limit. */
  function fit(): void {
    const area = field.current!;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight + 2, MAX_HEIGHT_PX)}px`;
  }

  return (
    <form
      id="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {sendError.value !== undefined && (
        <div id="send-error" class="trouble" role="alert">
          <p>{text.sendFailed(sendError.value)}</p>
          <p class="fine">{text.sendHelp}</p>
          <Command text="openclaw status" />
        </div>
      )}
      <label for="message" class="unseen">
        {text.message}
      </label>
      <textarea
        id="message"
        ref={field}
        rows={1}
        placeholder={text.placeholder}
        aria-describedby="keys"
        onInput={fit}
        onKeyDown={(event) => {
          // While an input method composes, Enter belongs to it.
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          void submit();
        }}
      />
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
