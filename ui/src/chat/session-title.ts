import type { SessionRow } from "../../../src/protocol/entities.ts";
import { words } from "../words/words.ts";

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
