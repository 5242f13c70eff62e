import type { OutboxEntry } from "../../sessions/outbox-entry.ts";
import { UsageError } from "../usage.ts";
import { findMessage, type OutboxDesk } from "./outbox-desk.ts";

/** The message that is named, or with --all every one that has failed. Throws `UsageError`, `Fault` (1). */
export async function outboxTargets(
  { id, all }: { id: string | undefined; all: boolean },
  desk: OutboxDesk,
  command: string,
): Promise<OutboxEntry[]> {
  if (all && id !== undefined) throw new UsageError(`"${command}" takes an id or --all`, command.split(" "));
  if (all) return await desk.list({ state: "failed" });
  if (id === undefined) throw new UsageError(`missing argument <id> for "${command}"`, command.split(" "));
  return [findMessage(await desk.list({}), id)];
}
