import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../platform/clock.ts";
import { draftName, makeFolders } from "../platform/files.ts";
import type { Paths } from "../platform/paths.ts";
import { readRange } from "../sessions/history.ts";
import type { Session, SessionStore } from "../sessions/store.ts";

const AT_ONCE = 500;

/** Everything that was said in a session, also before its resets, one JSON object a line. Returns where it was put. */
export async function archiveTranscript(
  { database }: SessionStore,
  session: Session,
  paths: Paths,
  clock: Clock,
): Promise<string> {
  const folder = join(paths.dataDir, "archive");
  makeFolders(folder);
  const path = join(folder, `${session.sessionId}-${clock.now()}.jsonl`);
  const draft = draftName(path);
  try {
    {
      await using file = await open(draft, "wx", 0o600);
      const { key, sessionId, agentId, createdAt, label, title, settings } = session;
      const head = {
        type: "session",
        version: 1,
        key,
        sessionId,
        agentId,
        createdAt,
        label,
        title,
        settings,
      };
      await file.write(`${JSON.stringify(head)}\n`);
      for (let from = 1; from <= session.lastSeq; from += AT_ONCE) {
        const messages = readRange(database, sessionId, from, from + AT_ONCE);
        const lines = messages.map((message) => `${JSON.stringify({ type: "message", ...message })}\n`);
        await file.write(lines.join(""));
      }
      await file.sync();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  return path;
}
