import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../../../test/kit/clock.ts";
import { openIrcServer } from "../../../test/kit/irc-server.ts";
import { until } from "../../../test/kit/until.ts";
import channel from "./channel.ts";
import { connected, outgoing, unstopped } from "./connect.fixture.ts";

test("sent is what the server has answered for; its own id where it gives one", async () => {
  for (const caps of [[], ["message-tags", "echo-message"]]) {
    await using server = await openIrcServer({ caps });
    await using bot = await connected(server.port);
    const client = await server.client("bot");
    const result = await bot.connection.send(outgoing("#room", "hello"), unstopped);
    assert.equal(result.kind, "sent");
    assert.match(
      result.kind === "sent" ? result.messageId : "",
      caps.length > 0 ? /^own-/ : /^oc-[0-9a-f]{16}$/,
    );
    const at = client.sent.indexOf("PRIVMSG #room hello");
    assert.match(client.sent[at + 1]!, /^PING oc-/);
    assert.equal(bot.received.length, 0, "its own words are no message");
  }
});

const INJECTIONS = [
  "hi\r\nQUIT :gone",
  "hi\nJOIN #evil",
  "hi\rNICK evil",
  "hi\u0000PRIVMSG #x :y",
  "hi\u2028QUIT",
  "\u0001DCC SEND x 1 2 3\u0001",
  ":QUIT",
  "\n\n\r\n OPER a b",
];
test("no reply can become a command, whatever is in it", async () => {
  await using server = await openIrcServer();
  await using bot = await connected(server.port);
  const client = await server.client("bot");
  await until("it is in", () => server.members("#room").has(client));
  const before = client.sent.length;
  for (const text of INJECTIONS)
    assert.equal((await bot.connection.send(outgoing("#room", text), unstopped)).kind, "sent");
  for (const chat of ["#room,#other", "#room\r\nQUIT", "#room :x", "$*.test", "@#room", "", "a b", "*"]) {
    const result = await bot.connection.send(outgoing(chat, "hi"), unstopped);
    assert.equal(result.kind === "refused" && result.reason, "no-such-chat", chat);
  }
  const commands = client.sent.slice(before).filter((line) => !/^PING oc-[0-9a-f]{16}$/.test(line));
  for (const line of commands) assert.match(line, /^PRIVMSG #room [^\r\n\0\u0001]+$/);
  assert.equal(server.clients.has(client), true);
});

const NUMERICS = [
  {
    name: "not allowed in the channel",
    chat: "#locked",
    line: "404 bot #locked :Cannot send to channel (+m)",
    want: { kind: "refused", reason: "forbidden", message: "Cannot send to channel (+m)" },
  },
  {
    name: "a nick that is not there",
    chat: "nobody",
    line: "401 bot nobody :No such nick",
    want: { kind: "refused", reason: "no-such-chat", message: "No such nick" },
  },
  {
    name: "too fast",
    chat: "ann",
    line: "439 bot ann :Target change too fast",
    want: { kind: "failed", message: "Target change too fast", retryAfterMs: 60_000 },
  },
  {
    name: "a person who takes messages from friends only",
    chat: "ann",
    line: "716 bot ann :is in +g mode",
    want: { kind: "refused", reason: "forbidden", message: "is in +g mode" },
  },
] as const;
for (const { name, chat, line, want } of NUMERICS) {
  test(`what a server has against a message comes back as that: ${name}`, async () => {
    await using server = await openIrcServer({
      intercept(client, { command }) {
        if (command === "PRIVMSG") client.tell(`:irc.test ${line}`);
        return command === "PRIVMSG";
      },
    });
    await using bot = await connected(server.port);
    assert.deepEqual(await bot.connection.send(outgoing(chat, "hi"), unstopped), want);
  });
}

test("a channel without colours gets the words without them", async () => {
  await using server = await openIrcServer({
    intercept(client, { command, params }) {
      if (command !== "PRIVMSG" || !params[1]!.includes("\u0002")) return false;
      client.tell(":irc.test 404 bot #room :Cannot send to channel (no formatting allowed)");
      return true;
    },
  });
  await using bot = await connected(server.port);
  const message = { ...outgoing("#room", "\u0002hi\u0002"), plain: "hi" };
  assert.equal((await bot.connection.send(message, unstopped)).kind, "sent");
  assert.ok((await server.client("bot")).sent.includes("PRIVMSG #room hi"));
});

test("cut off between the message and its acknowledgement: nobody knows", async () => {
  await using server = await openIrcServer({
    intercept(client, { command }) {
      if (command === "PRIVMSG") client.socket.destroy();
      return command === "PRIVMSG";
    },
  });
  await using bot = await connected(server.port);
  assert.equal((await bot.connection.send(outgoing("#room", "hi"), unstopped)).kind, "unknown");
  assert.equal((await bot.connection.send(outgoing("#room", "hi"), unstopped)).kind, "failed");
});

test("stopped while it waits its turn: surely not sent", async () => {
  const clock = handClock();
  await using server = await openIrcServer();
  await using bot = await connected(server.port, { flood: { burst: 2, linesPerSecond: 1 } }, { clock });
  const client = await server.client("bot");
  const lines = () => client.sent.filter((line) => line.startsWith("PRIVMSG")).length;
  const stop = new AbortController();
  const results = ["1", "2", "3", "4"].map((text) =>
    bot.connection.send(outgoing("#room", text), stop.signal),
  );
  assert.equal((await results[1]!).kind, "sent");
  await until("two are out at once", () => lines() === 2);
  clock.advance(1_000);
  assert.equal((await results[2]!).kind, "sent");
  assert.equal(lines(), 3, "one more for each second");
  stop.abort(new Error("stopping"));
  assert.equal((await results[3]!).kind, "failed");
  assert.equal(lines(), 3);
});

test("a text longer than a line is cut so that everybody gets all of it", async () => {
  await using server = await openIrcServer();
  await using bot = await connected(server.port, { channels: [`#${"long".repeat(20)}`] });
  const client = await server.client("bot");
  const text = "word ".repeat(400).trim();
  const chat = `#${"long".repeat(20)}`;
  assert.equal((await bot.connection.send(outgoing(chat, text), unstopped)).kind, "sent");
  const said = client.sent.filter((line) => line.startsWith("PRIVMSG"));
  for (const line of said) assert.ok(Buffer.byteLength(`:bot!~bot@127.0.0.1 ${line}\r\n`) <= 512);
  assert.equal(said.map((line) => line.split(" :")[1]).join(" "), text);
});

test("an answer goes to who asked, not to who has the nick now", async () => {
  await using server = await openIrcServer();
  await using ann = await connected(server.port, { nick: "ann", username: "ann", channels: [] });
  await using bot = await connected(server.port);
  server.say("ann!~ann@127.0.0.1", "bot", "a private question");
  const message = await until("it came in", () => bot.received[0]);
  assert.equal(message.chat.id, "ann!~ann@127.0.0.1");
  assert.equal((await bot.connection.send(outgoing(message.chat.id, "answer"), unstopped)).kind, "sent");
  await until("she has it", () => ann.received[0]?.text === "answer");
  server.tellAll(":ann!~ann@127.0.0.1 QUIT :bye");
  (await server.client("ann")).user = "somebody-else";
  server.say("bob!b@h", "bot", "now it has seen her leave");
  await until("it has", () => bot.received.length === 2);
  const late = await bot.connection.send(outgoing(message.chat.id, "second answer"), unstopped);
  assert.deepEqual(late, {
    kind: "failed",
    message: "ann!~ann@127.0.0.1 is not on the network",
    retryAfterMs: 30_000,
  });
  assert.equal(ann.received.length, 1);
});

test("a file is refused, and formatted parts go as they are", async () => {
  await using server = await openIrcServer();
  await using bot = await connected(server.port);
  const file = { kind: "file", path: "/x", name: "x", mimeType: "text/plain" } as const;
  const refused = await bot.connection.send({ ...outgoing("#room", ""), file }, unstopped);
  assert.equal(refused.kind === "refused" && refused.reason, "unsupported");
  for (const part of channel.format("# T\n`c`"))
    assert.equal(
      (await bot.connection.send({ ...outgoing("#room", part.text), plain: part.plain }, unstopped)).kind,
      "sent",
    );
  const said = (await server.client("bot")).sent.filter((line) => line.startsWith("PRIVMSG"));
  assert.deepEqual(said, ["PRIVMSG #room \u0002T\u0002", "PRIVMSG #room \u0011c\u0011"]);
});
