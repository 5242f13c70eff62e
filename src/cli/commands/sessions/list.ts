import type { ResultOf } from "../../../gateway/method.ts";
import type sessionsList from "../../../gateway/methods/sessions/list.ts";
import type { SessionRow } from "../../../protocol/entities.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { formatAge } from "../../duration.ts";
import { tableLines } from "../../table-lines.ts";

export default defineCommand({
  summary: "Show the conversations, the most recently used first",
  options: {
    agent: { type: "string", placeholder: "id", summary: "only those of this agent" },
    search: {
      type: "string",
      placeholder: "text",
      summary: "only those with this in key, name or first message",
    },
    active: {
      type: "number",
      placeholder: "minutes",
      min: 1,
      max: 5_256_000,
      summary: "only those used lately",
    },
    archived: { type: "boolean", summary: "the archived ones instead" },
    limit: { type: "number", min: 1, max: 1_000, default: 50, summary: "how many" },
    page: { type: "number", min: 1, max: 1_000_000, default: 1, summary: "which page of so many" },
    ...clientOptions,
  },
  examples: ["openclaw sessions", "openclaw sessions list --search invoice --limit 10"],
  async run({ agent, search, active, archived, limit, page, timeout }, { call }) {
    return await call<ResultOf<typeof sessionsList>>(
      "sessions.list",
      {
        limit,
        offset: (page - 1) * limit,
        archived,
        ...(agent !== undefined && { agentId: agent }),
        ...(search !== undefined && { search }),
        ...(active !== undefined && { activeMinutes: active }),
      },
      { scopes: ["operator.read"], timeoutMs: timeout },
    );
  },
  render({ sessions, totalCount, ts, hasMore }, { io }) {
    if (sessions.length === 0) return io.out(totalCount > 0 ? "Nothing on this page." : "No conversations.");
    const rows = sessions.map((row) => [row.key, formatAge(ts - row.updatedAt), stateOf(row), nameOf(row)]);
    for (const line of tableLines([["Key", "Used", "State", "Name"], ...rows])) io.out(line);
    if (hasMore) io.note(`notice: ${sessions.length} of ${totalCount}; more with --page or --limit`);
  },
});

function stateOf({ hasActiveRun, status, pinned, archived, unread }: SessionRow): string {
  const marks = [hasActiveRun ? "running" : (status ?? "new")];
  if (pinned) marks.push("pinned");
  if (archived) marks.push("archived");
  if (unread) marks.push("unread");
  return marks.join(", ");
}

function nameOf({ label, derivedTitle }: SessionRow): string {
  const name = (label ?? derivedTitle ?? "").replaceAll(/\s+/g, " ");
  return name.length > 60 ? `${name.slice(0, 59)}…` : name;
}
