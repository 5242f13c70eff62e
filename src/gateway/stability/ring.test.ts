import assert from "node:assert/strict";
import { test } from "node:test";
import { openStabilityRing } from "./ring.ts";

test("the newest events stay, and it is known how many went", () => {
  let now = 1_000;
  const ring = openStabilityRing(() => now++, 3);
  for (const mb of [1, 2, 3, 4, 5]) ring.record("memory.sample", { mb });
  const { events, ...rest } = ring.read({ limit: 10 });
  assert.deepEqual(
    events.map(({ seq, mb }) => [seq, mb]),
    [
      [3, 3],
      [4, 4],
      [5, 5],
    ],
  );
  assert.deepEqual(
    { ...rest, generatedAt: "" },
    {
      generatedAt: "",
      capacity: 3,
      count: 3,
      dropped: 2,
      firstSeq: 3,
      lastSeq: 5,
      summary: { byType: { "memory.sample": 3 } },
    },
  );
});

test("by kind, since an event, and no more than asked for", () => {
  const ring = openStabilityRing(() => 0);
  for (let n = 0; n < 4; n++) {
    ring.record("client.slow", { n });
    ring.record("payload.large", { n });
  }
  const of = (query: Parameters<typeof ring.read>[0]) => ring.read(query).events.map(({ seq }) => seq);
  assert.deepEqual(of({ limit: 2 }), [7, 8]);
  assert.deepEqual(of({ limit: 9, type: "client.slow" }), [1, 3, 5, 7]);
  assert.deepEqual(of({ limit: 9, sinceSeq: 6 }), [7, 8]);
  assert.deepEqual(of({ limit: 9, type: "memory.pressure" }), []);
});

test("an empty ring has no numbers, and a long text does not make it large", () => {
  const ring = openStabilityRing(() => 0);
  assert.deepEqual([ring.read({ limit: 1 }).firstSeq, ring.read({ limit: 1 }).lastSeq], [null, null]);
  ring.record("process.error", { name: "x".repeat(10_000), code: undefined });
  const [event] = ring.read({ limit: 1 }).events;
  assert.equal(String(event?.name).length, 200);
  assert.ok(!("code" in event!));
});
