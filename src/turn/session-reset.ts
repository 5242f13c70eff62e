import { resetSession } from "../sessions/change.ts";
import type { CommandContext } from "./chat-command.ts";
import { refOf, targetOf } from "./run-input.ts";

/** The same conversation from its beginning: what was said stays on disk, and no model sees it again. */
export async function beginAnew({ turn, services }: CommandContext, said: string): Promise<string> {
  const { store, clock, onChange } = services;
  const session = resetSession(store, store.find(turn.session.key) ?? turn.session, clock.now());
  onChange(session.key, { reason: "start", runId: turn.runId });
  const target = await targetOf(turn, services);
  return target.kind === "usable" ? `${said} Model: ${refOf(target.target)}.` : said;
}
