import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChatWorld, openChatWorld, settle } from "../kit/chat-rig.ts";
import { type LoopbackPlatform, openLoopback } from "../kit/loopback.ts";

/** What is answered to each of the messages, one after the other. */
async function answers(
  platform: LoopbackPlatform,
  messages: Parameters<LoopbackPlatform["post"]>[0][],
): Promise<string[]> {
  const before = platform.delivered.length;
  for (const [index, message] of messages.entries()) {
    platform.post(message);
    await platform.sees(before + index + 1);
    await settle();
  }
  return platform.delivered.slice(before).map(({ text }) => text);
}

const asked = (world: ChatWorld) => JSON.stringify(world.calls.map(({ messages }) => messages));

test("commands in a chat are answered by the gateway; the model sees none of them", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  await using _rig = world.open({
    config: { channels: { loopback: { dmPolicy: "allowlist", allowFrom: ["u1"] } } },
  });
  const said = await answers(platform, [
    { text: "lobster" },
    { text: "/status@bot" },
    { text: "/new" },
    { text: "again" },
  ]);
  assert.equal(said[0], "re: lobster");
  assert.match(said[1]!, /Nothing is running\./);
  assert.match(said[2]!, /^A new conversation begins here\./);
  assert.equal(said[3], "re: again");
  assert.equal(world.calls.length, 2);
  assert.doesNotMatch(asked(world), /\/status|\/new|Nothing is running/);
  assert.doesNotMatch(JSON.stringify(world.calls[1]!.messages), /lobster/);
});

test("whoever is only let in may look and change nothing for the others [SCOPE-09]", async () => {
  const platform = openLoopback();
  using world = openChatWorld([platform]);
  await using _rig = world.open();
  const said = await answers(platform, [
    { text: "lobster" },
    { text: "/new", senderId: "stranger" },
    { text: "/model demo/echo", senderId: "stranger" },
    { text: "/help", senderId: "stranger" },
  ]);
  assert.match(said[1]!, /^\/new is for the owner of this gateway/);
  assert.match(said[2]!, /^\/model is for the owner of this gateway/);
  assert.match(said[3]!, /^Commands:/);
  await answers(platform, [{ text: "what was it?" }]);
  assert.match(JSON.stringify(world.calls[1]!.messages), /lobster/);
});
