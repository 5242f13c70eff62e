import { signal } from "@preact/signals";
import type { Attachment } from "../chat/attach.ts";

/** Words for the composer to take over; a new object each time. */
export const handed = signal<{ text: string } | undefined>(undefined);
/** Files that go along with the next message. */
export const attachments = signal<readonly Attachment[]>([]);

/** Something said before becomes a draft again. */
export function takeBack(text: string): void {
  handed.value = { text };
}
