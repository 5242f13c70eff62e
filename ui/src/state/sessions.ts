import { computed, signal } from "@preact/signals";
import { randomId } from "../../../src/protocol/client.ts";
import type { SessionRow } from "../../../src/protocol/entities.ts";
import { call, link, listen, offers, whenFresh } from "../connect/link.ts";
import { go, route } from "./route.ts";

export interface Agent {
  id: string;
  name?: string;
}

const MAX_ROWS = 100;

/** What a row has besides, from a gateway that knows of it. */
export type Row = SessionRow & { thinkingLevel?: string; estimatedCostUsd?: number };

export const sessions = signal<readonly Row[]>([]);
export const search = signal("");
/** Whether those put away are shown, instead of the others. */
export const archived = signal(false);
export const agents = signal<readonly Agent[]>([]);

const defaultKey = computed(() =>
  link.value.kind === "open" ? link.value.hello.snapshot.sessionDefaults.mainSessionKey : undefined,
);
/** Stays while the connection is away. */
const lastDefault = signal("agent:main:main");
defaultKey.subscribe((key) => {
  if (key) lastDefault.value = key;
});

export const currentKey = computed(() => {
  const { page, rest } = route.value;
  return page === "chat" && rest !== "" ? rest : lastDefault.value;
});
export const currentAgent = computed(() => agentOf(currentKey.value));

export const currentRow = computed(() => sessions.value.find(({ key }) => key === currentKey.value));

export function agentOf(sessionKey: string): string {
  return /^agent:([^:]+):/.exec(sessionKey)?.[1] ?? "main";
}

export const mainKeyOf = (agentId: string) => `agent:${agentId}:main`;
export const newKey = (agentId: string) => `agent:${agentId}:web-${randomId().slice(0, 10)}`;

export async function loadSessions(): Promise<void> {
  const wanted = search.value.trim();
  const away = archived.value;
  const found = await call<{ sessions: Row[] }>("sessions.list", {
    limit: MAX_ROWS,
    ...(wanted && { search: wanted }),
    ...(away && { archived: true }),
  });
  if (wanted === search.value.trim() && away === archived.value)
    sessions.value = found.sessions.toSorted(inOrder);
}

/** Pinned ones first, then by when something was last said. */
function inOrder(a: Row, b: Row): number {
  return Number(b.pinned) - Number(a.pinned) || b.updatedAt - a.updatedAt;
}

export async function patchSession(key: string, change: Record<string, unknown>): Promise<void> {
  // A conversation nobody has said anything in is none yet.
  if (!sessions.peek().some((row) => row.key === key)) await call("sessions.create", { key }).catch(() => {});
  await call("sessions.patch", { key, ...change });
  await loadSessions();
}

export async function deleteSession(key: string): Promise<void> {
  await call("sessions.delete", { key, deleteTranscript: true });
  if (key === currentKey.peek()) go("chat");
  await loadSessions();
}

/** Seen is read. */
export function markRead(): void {
  const row = currentRow.peek();
  if (row?.unread && offers("sessions.patch") && !document.hidden)
    void patchSession(row.key, { unread: false }).catch(() => {});
}

async function refresh(): Promise<void> {
  const [list] = await Promise.all([
    call<{ agents: Agent[] }>("agents.list"),
    loadSessions(),
    call("sessions.subscribe"),
  ]);
  agents.value = list.agents;
}

whenFresh(() => void refresh().catch(() => {}));
listen(({ event, payload }) => {
  if (event !== "sessions.changed") return;
  const { session: row, phase, runId } = payload as { session?: SessionRow; phase?: string; runId?: string };
  const session = row && phase === "end" ? withoutRun(row, runId) : row;
  if (!session && (payload as { reason?: string }).reason !== undefined) void loadSessions().catch(() => {});
  // A search shows what the gateway found; a row that has changed is put in its place there only.
  if (!session) return;
  const others = sessions.value.filter(({ key }) => key !== session.key);
  if (session.archived !== archived.value) {
    sessions.value = others;
    return;
  }
  if (search.value.trim() !== "" && others.length === sessions.value.length) return;
  sessions.value = [session, ...others].sort(inOrder).slice(0, MAX_ROWS);
});

/** The news of a run's end leaves while its lane is still being cleared. */
function withoutRun(row: SessionRow, ended: string | undefined): SessionRow {
  const activeRunIds = row.activeRunIds.filter((runId) => runId !== ended);
  return { ...row, activeRunIds, hasActiveRun: activeRunIds.length > 0 };
}
