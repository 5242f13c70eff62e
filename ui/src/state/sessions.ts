import { computed, signal } from "@preact/signals";
import { randomId } from "../../../src/protocol/client.ts";
import type { SessionRow } from "../../../src/protocol/entities.ts";
import { call, link, listen, whenFresh } from "../connect/link.ts";
import { route } from "./route.ts";

export interface Agent {
  id: string;
  name?: string;
}

const MAX_ROWS = 100;

export const sessions = signal<readonly SessionRow[]>([]);
export const search = signal("");
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

export function agentOf(sessionKey: string): string {
  return /^agent:([^:]+):/.exec(sessionKey)?.[1] ?? "main";
}

export const mainKeyOf = (agentId: string) => `agent:${agentId}:main`;
export const newKey = (agentId: string) => `agent:${agentId}:web-${randomId().slice(0, 10)}`;

export async function loadSessions(): Promise<void> {
  const wanted = search.value.trim();
  const found = await call<{ sessions: SessionRow[] }>("sessions.list", {
    limit: MAX_ROWS,
    ...(wanted && { search: wanted }),
  });
  if (wanted === search.value.trim()) sessions.value = found.sessions;
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
  // A search shows what the gateway found; a row that has changed is put in its place there only.
  if (!session) return;
  const others = sessions.value.filter(({ key }) => key !== session.key);
  if (search.value.trim() !== "" && others.length === sessions.value.length) return;
  sessions.value = [session, ...others].sort((a, b) => b.updatedAt - a.updatedAt).slice(0, MAX_ROWS);
});

/** The news of a run's end leaves while its lane is still being cleared. */
function withoutRun(row: SessionRow, ended: string | undefined): SessionRow {
  const activeRunIds = row.activeRunIds.filter((runId) => runId !== ended);
  return { ...row, activeRunIds, hasActiveRun: activeRunIds.length > 0 };
}
