import { isRecord } from "../protocol/frames.ts";
import type { ProviderEvent } from "./provider.ts";

type ToolCallEvent = Extract<ProviderEvent, { kind: "tool-call" }>;

/** Tool calls that arrive in pieces. */
export interface OpenCalls {
  take(piece: unknown): void;
  /** Characters of arguments so far. */
  readonly chars: number;
  finish(): ToolCallEvent[];
}

interface Draft {
  index: unknown;
  id: string;
  name: string;
  arguments: string;
}

/** Pieces belong together by `index`. Some servers leave it out or repeat 0: there a new id begins a new call. */
export function openCalls(): OpenCalls {
  const drafts: Draft[] = [];
  let chars = 0;
  return {
    get chars() {
      return chars;
    },
    take(piece) {
      if (!isRecord(piece)) return;
      const detail = isRecord(piece.function) ? piece.function : {};
      const draft = draftFor(piece.index, typeof piece.id === "string" ? piece.id : "");
      if (draft.name === "" && typeof detail.name === "string") draft.name = detail.name;
      const more = isRecord(detail.arguments) ? JSON.stringify(detail.arguments) : detail.arguments;
      if (typeof more !== "string") return;
      draft.arguments += more;
      chars += more.length;
    },
    finish: () => drafts.map(complete),
  };

  function draftFor(index: unknown, id: string): Draft {
    const open = index === undefined ? drafts.at(-1) : drafts.findLast((draft) => draft.index === index);
    if (open && (id === "" || open.id === "" || open.id === id)) {
      open.id ||= id;
      return open;
    }
    const draft: Draft = { index, id, name: "", arguments: "" };
    drafts.push(draft);
    return draft;
  }
}

function complete({ id, name, arguments: raw }: Draft, position: number): ToolCallEvent {
  return readToolCall(id || `call_${position}`, name, raw);
}

/** A call whose arguments are complete. */
export function readToolCall(id: string, name: string, raw: string): ToolCallEvent {
  const base = { kind: "tool-call", id, name } as const;
  if (raw.trim() === "") return { ...base, input: {} };
  try {
    const input: unknown = JSON.parse(raw);
    if (isRecord(input)) return { ...base, input };
    return { ...base, input: {}, invalid: "they are not a JSON object" };
  } catch (error) {
    return { ...base, input: {}, invalid: error instanceof Error ? error.message : String(error) };
  }
}
