import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { LIMITS } from "../../../src/protocol/limits.ts";
import { link } from "../connect/link.ts";
import { attachments } from "../state/draft.ts";
import { words } from "../words/words.ts";
import { MAX_ATTACHMENTS, readFile, UnfitFile } from "./read-file.ts";

const unfit = signal<UnfitFile | undefined>(undefined);

/** Takes files along, one after the other; those that cannot go are named. */
export async function attach(files: Iterable<File>): Promise<void> {
  unfit.value = undefined;
  const { kind, ...state } = link.peek();
  const maxImageBytes =
    kind === "open" && "hello" in state ? state.hello.policy.attachments.maxImageBytes : LIMITS.imageBytes;
  for (const file of [...files]) {
    try {
      if (attachments.peek().length >= MAX_ATTACHMENTS) throw new UnfitFile(file.name, "many");
      attachments.value = [...attachments.peek(), await readFile(file, maxImageBytes)];
    } catch (error) {
      unfit.value = error instanceof UnfitFile ? error : new UnfitFile(file.name, "type");
    }
  }
}

/** What goes along, each to be taken out again. */
export function AttachedFiles() {
  const text = words.value.chat;
  const list = attachments.value;
  return (
    <>
      {unfit.value && (
        <p id="unfit" class="trouble" role="alert">
          {text.unfit[unfit.value.why](unfit.value.file)}
        </p>
      )}
      {list.length > 0 && (
        <ul id="attached" aria-label={text.attached}>
          {list.map((each) => (
            <li key={each.id}>
              {each.kind === "image" && <img src={`data:${each.mimeType};base64,${each.data}`} alt="" />}
              <span class="title">{each.name}</span>
              <button
                type="button"
                class="small quiet"
                aria-label={text.detach(each.name)}
                onClick={() => {
                  attachments.value = attachments.peek().filter(({ id }) => id !== each.id);
                }}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

export function FilePicker() {
  const input = useRef<HTMLInputElement>(null);
  const text = words.value.chat;
  return (
    <>
      <input
        id="files"
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={text.attach}
        onChange={({ currentTarget }) => {
          const chosen = [...(currentTarget.files ?? [])];
          // The same file can be chosen again.
          currentTarget.value = "";
          void attach(chosen);
        }}
      />
      <button id="attach" type="button" class="quiet" onClick={() => input.current!.click()}>
        {text.attach}
      </button>
    </>
  );
}
