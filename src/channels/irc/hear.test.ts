import assert from "node:assert/strict";
import { test } from "node:test";
import { type IrcServer, openIrcServer } from "../../../test/kit/irc-server.ts";
import { until } from "../../../test/kit/until.ts";
import type { InboundMessage } from "../inbound.ts";
import { connected } from "./connect.fixture.ts";

/** Says something last, so that what comes before it has been heard when that arrives. */
async function heard(server: IrcServer, bot: { received: InboundMessage[] }): Promise<InboundMessage[]> {
  server.say("end!e@h", "bot", "(end)");
  await until("all was heard", () => bot.received.at(-1)?.text === "(end)");
  return bot.received.slice(0, -1);
}

const ann = "Ann!~a@home.example";

const SAID: readonly {
  name: string;
  target: string;
  text: string;
  want: Partial<InboundMessage> | undefined;
}[] = [
  {
    name: "a private message",
    target: "bot",
    text: "hi",
    want: {
      text: "hi",
      mentionsUs: false,
      chat: { id: "ann!~a@home.example", kind: "direct", title: "Ann" },
    },
  },
  {
    name: "words in a channel",
    target: "#room",
    text: "hi all",
    want: { text: "hi all", mentionsUs: false, chat: { id: "#room", kind: "group", title: "#room" } },
  },
  {
    name: "nick: said to us",
    target: "#room",
    text: "BOT: do it",
    want: { text: "do it", mentionsUs: true },
  },
  { name: "nick, said to us", target: "#room", text: "bot,do it", want: { text: "do it", mentionsUs: true } },
  {
    name: "@nick: said to us",
    target: "#room",
    text: "@bot: do it",
    want: { text: "do it", mentionsUs: true },
  },
  {
    name: "nick and a command",
    target: "#room",
    text: "bot /status",
    want: { text: "/status", mentionsUs: true },
  },
  {
    name: "the nick as a word",
    target: "#room",
    text: "ask bot!",
    want: { text: "ask bot!", mentionsUs: true },
  },
  { name: "the nick alone", target: "#room", text: "bot:", want: { text: "bot:", mentionsUs: true } },
  {
    name: "the nick within a longer one",
    target: "#room",
    text: "robot bot2 bot_ bot-x [bot]",
    want: { mentionsUs: false },
  },
  {
    name: "colours and bold",
    target: "#room",
    text: "\u0002\u000304,01red\u000f \u001dit\u001d",
    want: { text: "red it" },
  },
  {
    name: "an action",
    target: "#room",
    text: "\u0001ACTION waves at bot\u0001",
    want: { text: "* Ann waves at bot", mentionsUs: true },
  },
  { name: "CTCP VERSION", target: "bot", text: "\u0001VERSION\u0001", want: undefined },
  { name: "CTCP DCC", target: "bot", text: "\u0001DCC SEND x 1 2 3\u0001", want: undefined },
  { name: "nothing but formatting", target: "bot", text: "\u0002\u0002", want: undefined },
  { name: "words to the operators of a channel", target: "@#room", text: "bot: secret", want: undefined },
];
test("what people say, and how it is understood", async (t) => {
  await using server = await openIrcServer();
  await using bot = await connected(server.port);
  const client = await server.client("bot");
  await until("it is in", () => server.members("#room").has(client));
  for (const { name, target, text, want } of SAID) {
    await t.test(name, async () => {
      bot.received.length = 0;
      client.tell(`:${ann} PRIVMSG ${target} :${text}`);
      const [message, ...more] = await heard(server, bot);
      assert.equal(more.length, 0);
      if (!want) return assert.equal(message, undefined);
      assert.deepEqual({ ...message, ...want }, message);
      assert.deepEqual(message?.sender, {
        id: "ann!~a@home.example",
        name: "Ann",
        username: "Ann",
        isBot: false,
      });
    });
  }
  assert.ok(!client.sent.some((line) => line.startsWith("NOTICE")), "no CTCP is answered");
});

test("NOTICE, servers, joins, topics and its own words are no messages [CHAN-12]", async () => {
  await using server = await openIrcServer();
  await using bot = await connected(server.port);
  const client = await server.client("bot");
  for (const line of [
    `:${ann} NOTICE bot :bot: hi`,
    ":irc.test PRIVMSG bot :bot: from a server",
    `:${ann} JOIN #room`,
    `:${ann} TOPIC #room :bot: hi`,
    `:${ann} INVITE bot :#elsewhere`,
    `:${ann} QUIT :bot: bye`,
    ":bot!~bot@127.0.0.1 PRIVMSG #room :bot: me",
    `@+draft/react=x :${ann} TAGMSG bot`,
  ])
    client.tell(line);
  assert.deepEqual(await heard(server, bot), []);
  assert.ok(!client.sent.includes("JOIN #elsewhere"));
});

test("who somebody is: the account where the network says it, never a client's own word [CHAN-02]", async () => {
  await using server = await openIrcServer({ caps: ["message-tags", "account-tag"] });
  await using bot = await connected(server.port);
  server.say(ann, "bot", "1", "account=Ann");
  server.say("other!x@y", "bot", "2", "account=Ann");
  server.say("Ann!~evil@elsewhere", "bot", "3");
  server.say("Ann!~evil@elsewhere", "bot", "4", "+account=Ann");
  server.say("helper!h@i", "bot", "5", "bot;account=helper");
  const messages = await heard(server, bot);
  assert.deepEqual(
    messages.map(({ sender }) => sender.id),
    ["account:ann", "account:ann", "ann!~evil@elsewhere", "ann!~evil@elsewhere", "account:helper"],
  );
  assert.equal(messages[4]?.sender.isBot, true);
});

test("who somebody is: a tag the server has not agreed to counts for nothing, WHOIS is asked instead [CHAN-02]", async () => {
  await using server = await openIrcServer();
  await using real = await connected(server.port, { nick: "ann", username: "ann", channels: [] });
  await using bot = await connected(server.port);
  const person = await server.client("ann");
  person.account = "Ann";
  const client = await server.client("bot");
  server.say("ann!~ann@127.0.0.1", "bot", "1");
  server.say("ann!~ann@127.0.0.1", "bot", "2");
  server.say("ann!~evil@elsewhere", "bot", "3", "account=Ann");
  const messages = await heard(server, bot);
  assert.deepEqual(
    messages.map(({ sender }) => sender.id),
    ["account:ann", "account:ann", "ann!~evil@elsewhere"],
  );
  assert.equal(client.sent.filter((line) => line === "WHOIS ann").length, 2, "once for each mask");
  person.account = undefined;
  server.tellAll(":ann!~ann@127.0.0.1 NICK :ann2");
  server.say("ann!~ann@127.0.0.1", "bot", "somebody else by now");
  bot.received.length = 0;
  assert.equal((await heard(server, bot))[0]?.sender.id, "ann!~ann@127.0.0.1");
  assert.equal(real.received.length, 0);
});

test("ids: the network's own, else made of the moment and the words, else of this connection", async () => {
  await using server = await openIrcServer({ caps: ["message-tags", "server-time"] });
  await using bot = await connected(server.port);
  const now = new Date().toISOString();
  server.say(ann, "bot", "a", `msgid=abc;time=${now}`);
  server.say(ann, "bot", "b", `time=${now}`);
  server.say(ann, "bot", "b", `time=${now}`);
  server.say(ann, "bot", "c");
  const ids = (await heard(server, bot)).map(({ messageId }) => messageId);
  assert.equal(ids[0], "abc");
  assert.equal(new Set(ids).size, 4);
  await using again = await connected(server.port, { nick: "bot2" });
  const other = await server.client("bot2");
  for (const text of ["b", "b"]) other.tell(`@time=${now} :${ann} PRIVMSG bot2 :${text}`);
  await until("they came", () => again.received.length === 2);
  assert.ok(!ids.includes(again.received[0]!.messageId), "another target is another message");
});

test("what a bouncer shows again is handed in again only where it was not handled [CHAN-10]", async () => {
  await using server = await openIrcServer({ caps: ["message-tags", "server-time", "batch"] });
  const memory = new Map<string, string>();
  const over = {
    recall: (key: string) => memory.get(key),
    remember: (key: string, value: string) => void memory.set(key, value),
  };
  const at = (minutesAgo: number) => `time=${new Date(Date.now() - minutesAgo * 60_000).toISOString()}`;
  const times = { before: at(30), first: at(20), second: at(10) };
  const bot = await connected(server.port, {}, over);
  server.say(ann, "bot", "from before we were there", times.before);
  assert.deepEqual(await heard(server, bot), []);
  await bot.connection[Symbol.asyncDispose]();
  // As if it had stopped twenty minutes ago, right after the first one.
  memory.set("handled-until", String(Date.parse(times.first.slice(5))));
  await until("it has left", () => server.clients.size === 0);

  await using again = await connected(server.port, {}, over);
  const client = await server.client("bot");
  client.tell(":irc.test BATCH +1 znc.in/playback bot");
  server.say(ann, "bot", "long handled", `batch=1;${times.before}`);
  server.say(ann, "bot", "missed", `batch=1;${times.second}`);
  client.tell(":irc.test BATCH -1");
  const messages = await heard(server, again);
  assert.deepEqual(
    messages.map(({ text }) => text),
    ["missed"],
  );
  assert.equal(messages[0]!.sentAtMs, Date.parse(times.second.slice(5)));
  assert.ok(Number(memory.get("handled-until")) >= messages[0]!.sentAtMs);
});

test("messages come in one after the other, however long storing takes; a failure to store ends the connection", async () => {
  await using server = await openIrcServer();
  const order: string[] = [];
  await using bot = await connected(
    server.port,
    {},
    {
      async receive({ text }) {
        if (text === "600") throw new Error("disk full");
        await new Promise((resolve) => setImmediate(resolve));
        order.push(text);
      },
    },
  );
  const client = await server.client("bot");
  client.socket.write(Array.from({ length: 601 }, (_, at) => `:${ann} PRIVMSG bot :${at}\r\n`).join(""));
  const fault = await bot.connection.closed;
  assert.match(fault.message, /could not be stored/);
  assert.deepEqual(
    order,
    Array.from({ length: 600 }, (_, at) => String(at)),
  );
});

test("a netsplit: half the people leave and come back, and are heard as before", async () => {
  await using server = await openIrcServer();
  await using bot = await connected(server.port);
  const client = await server.client("bot");
  await until("it is in", () => server.members("#room").has(client));
  for (let one = 0; one < 50; one++) {
    client.tell(`:p${one}!u@h${one} JOIN #room`);
    client.tell(`:p${one}!u@h${one} QUIT :hub.test leaf.test`);
    client.tell(`:p${one}!u@h${one} JOIN #room`);
  }
  server.say("p7!u@h7", "#room", "bot: back again");
  await until("it is heard", () =>
    bot.received.some(({ text, mentionsUs }) => text === "back again" && mentionsUs),
  );
});
