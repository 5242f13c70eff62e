/** How long the list of 10,000 sessions takes page by page, and the last page of 100,000 messages. */
import { openGateway } from "../test/kit/gateway.ts";
import { connectWire } from "../test/kit/wire.ts";

const SESSIONS = 10_000;
const MESSAGES = 100_000;
const PAGE = 100;

await using gateway = await openGateway();
const { store, journal } = gateway.running.services.turns;
store.database.transaction(
  () => {
    for (let at = 0; at < SESSIONS; at++) {
      const rest = `s-${at}`;
      const key = { text: `agent:main:${rest}`, agentId: "main", rest };
      const { session } = journal.accept(`run-${at}`, key, {
        surface: "chat.send",
        content: [{ type: "text", text: `question ${at}` }],
        resumable: false,
      }) as { session: Parameters<typeof store.append>[0] };
      journal.begin(`run-${at}`, session);
      journal.finish(`run-${at}`, "ok", { reply: "answer" });
    }
    const session = store.find("agent:main:s-0")!;
    for (let at = 0; at < MESSAGES; at++)
      store.append(
        session,
        {
          role: at % 2 ? "assistant" : "user",
          content: [{ type: "text", text: "word ".repeat(60) }],
          timestamp: at + 1,
        },
        undefined,
      );
  },
  { durable: true },
);

using client = await connectWire(gateway.port, { token: gateway.token });
await client.request("sessions.list", { limit: PAGE });
const list: number[] = [];
for (let offset = 0; offset < SESSIONS; offset += PAGE)
  list.push(await timed("sessions.list", { limit: PAGE, offset }));
const search: number[] = [];
for (let at = 0; at < 20; at++) search.push(await timed("sessions.list", { limit: PAGE, search: `s-${at}` }));
await timed("chat.history", { sessionKey: "s-0", limit: 1 });
const last: number[] = [];
for (let at = 0; at < 50; at++) last.push(await timed("chat.history", { sessionKey: "s-0", limit: 200 }));
report(`sessions.list, pages of ${PAGE} of ${SESSIONS}`, list);
report("sessions.list with a search", search);
report(`chat.history, last 200 of ${MESSAGES}`, last);

async function timed(method: string, params: object): Promise<number> {
  const beganAt = performance.now();
  const { ok, error } = await client.request(method, params);
  if (!ok) throw new Error(JSON.stringify(error));
  return performance.now() - beganAt;
}

function report(what: string, times: number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1);
  console.log(`${what}: median ${at(0.5)} ms, p99 ${at(0.99)} ms`);
}
