import assert from "node:assert/strict";
import { test } from "node:test";
import { openChatWorld, settle } from "../kit/chat-rig.ts";
import { openLoopback } from "../kit/loopback.ts";

test("a message comes in, its reply goes out, and the platform's id is on disk", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  await using rig = world.open();
  platform.post({ text: "hello" });
  await platform.sees(1);
  await settle();
  assert.deepEqual(
    platform.delivered.map(({ chatId, text }) => [chatId, text]),
    [["c1", "re: hello"]],
  );
  const [row] = rig.desk.outbox.list({ limit: 10 });
  assert.deepEqual([row!.state, row!.messageIds], ["sent", [platform.delivered[0]!.messageId]]);
  assert.equal(rig.status().state, "live");
  assert.equal(platform.unacknowledged(), 0);
});
