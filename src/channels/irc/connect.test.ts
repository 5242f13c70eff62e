import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../../../test/kit/clock.ts";
import { openIrcServer } from "../../../test/kit/irc-server.ts";
import { until } from "../../../test/kit/until.ts";
import { ChannelFault } from "../channel.ts";
import channel from "./channel.ts";
import { connected, outgoing, unstopped, wiring } from "./connect.fixture.ts";

const MODERN = ["message-tags", "server-time", "account-tag", "batch", "echo-message", "sasl=PLAIN,EXTERNAL"];

async function faultOf(attempt: Promise<unknown>): Promise<ChannelFault> {
  const thrown = await attempt.then(
    () => assert.fail("it connected"),
    (error) => error,
  );
  assert.ok(thrown instanceof ChannelFault, String(thrown));
  return thrown;
}

test("says who it is, joins its channels and proves that it lives", async () => {
  await using server = await openIrcServer({ password: "letmein" });
  await using bot = await connected(server.port, {
    password: "letmein",
    channels: ["#room", { name: "#secret", password: "sesame" }],
  });
  assert.deepEqual(bot.connection.self, { id: "bot", name: "bot" });
  const client = await server.client("bot");
  await until(
    "both are joined",
    () => server.members("#room").size === 1 && server.members("#secret").size === 1,
  );
  assert.ok(client.sent.includes("JOIN #secret sesame"));
  assert.ok(client.sent.includes("USER bot 0 * bot"));
  assert.equal(bot.proofs(), 1);
});

test("logs in by SASL before it is let in, and says nothing of a password outside of it", async () => {
  await using server = await openIrcServer({ caps: MODERN, sasl: { "my-bot": "p\u00e4ssword".repeat(60) } });
  await using bot = await connected(server.port, {
    sasl: { mechanism: "PLAIN", account: "my-bot", password: "p\u00e4ssword".repeat(60) },
  });
  const client = await server.client("bot");
  assert.equal(client.account, "my-bot");
  assert.ok(client.caps.has("account-tag"));
  assert.equal(bot.connection.self.id, "bot");
});

const REFUSALS = [
  {
    name: "a wrong SASL password",
    server: { caps: MODERN, sasl: { bot: "right" } },
    section: { sasl: { password: "wrong" } },
    kind: "auth",
    says: /SASL login refused: SASL authentication failed/,
  },
  {
    name: "no SASL where it was asked for",
    server: { caps: ["server-time"] },
    section: { sasl: { password: "x" } },
    kind: "platform",
    says: /offers no SASL/,
  },
  {
    name: "a server without CAP and SASL asked for",
    server: {},
    section: { sasl: { password: "x" } },
    kind: "auth",
    says: /let us in without SASL/,
  },
  {
    name: "a wrong server password",
    server: { password: "right" },
    section: { password: "wrong" },
    kind: "auth",
    says: /refuses the password: Password incorrect/,
  },
  {
    name: "a throttled address",
    server: { refuse: "Reconnecting too fast, throttled." },
    section: {},
    kind: "rate-limit",
    says: /connects to the network too often: .*throttled/,
  },
  {
    name: "a banned address",
    server: { refuse: "K-Lined: spam" },
    section: {},
    kind: "forbidden",
    says: /banned this address.*K-Lined/,
  },
  {
    name: "six nicks that are all in use",
    server: { taken: ["bot", "bot_", "bot__", "bot3", "bot4", "bot5"] },
    section: {},
    kind: "conflict",
    says: /nick bot and 5 like it are in use/,
  },
] as const;
for (const { name, server: options, section, kind, says } of REFUSALS) {
  test(`is refused, and says why: ${name}`, async () => {
    await using server = await openIrcServer(options);
    const fault = await faultOf(channel.connect(wiring(server.port, section).input));
    assert.equal(fault.kind, kind);
    assert.match(fault.message, says);
    assert.ok(!JSON.stringify([fault.message, fault.fix]).includes("wrong"));
  });
}

test("nobody listens: network", async () => {
  const server = await openIrcServer();
  const { port } = server;
  await server[Symbol.asyncDispose]();
  const fault = await faultOf(channel.connect(wiring(port).input));
  assert.equal(fault.kind, "network");
  assert.match(fault.message, /ECONNREFUSED/);
});

test("a server that accepts and says nothing is given up on by the deadline", async () => {
  const clock = handClock();
  await using server = await openIrcServer({ intercept: () => true });
  const attempt = faultOf(channel.connect(wiring(server.port, {}, { clock }).input));
  await until("it has introduced itself", () =>
    [...server.clients][0]?.sent.some((line) => line.startsWith("USER")),
  );
  clock.advance(18_000);
  assert.equal((await attempt).kind, "timeout");
});

test("a nick in use: goes by another one, and takes it back when it is free", async () => {
  await using server = await openIrcServer({ taken: ["bot"] });
  await using bot = await connected(server.port);
  assert.equal(bot.connection.self.id, "bot_");
  await until("it is in its channel", () => server.members("#room").size === 1);
  server.taken.delete("bot");
  server.tellAll(":bot!x@somewhere QUIT :bye");
  await until("it is itself again", () => bot.connection.self.id === "bot");
  server.say("ann!a@h", "#room", "bot: hi");
  const message = await until("the mention comes in", () => bot.received[0]);
  assert.equal(message.mentionsUs, true);
});

test("proof of life is an answer to a PING; a half-open socket gives none", async () => {
  const clock = handClock();
  await using server = await openIrcServer();
  await using bot = await connected(server.port, {}, { clock });
  assert.equal(bot.connection.proofWithinMs, 75_000);
  clock.advance(30_000);
  await until("the PING was answered", () => bot.proofs() === 2);
  server.freeze();
  clock.advance(75_000);
  const { sent } = [...server.clients][0]!;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(bot.proofs(), 2, sent.join("\n"));
});

test("killed by an operator: says so, and the next connection is a new one", async () => {
  await using server = await openIrcServer();
  await using bot = await connected(server.port);
  const client = await server.client("bot");
  client.socket.end("ERROR :Closing Link: bot[127.0.0.1] (Killed (oper (spamming)))\r\n");
  const fault = await bot.connection.closed;
  assert.equal(fault.kind, "platform");
  assert.match(fault.message, /operator of the network .*spamming/);
  assert.deepEqual((await bot.connection.send(outgoing("#room", "hi"), unstopped)).kind, "failed");
  await using again = await connected(server.port);
  assert.equal(again.connection.self.id, "bot");
  assert.equal(server.connections(), 2);
});

test("kicked out: comes back by itself; a message for the channel waits instead of being refused", async () => {
  const clock = handClock();
  await using server = await openIrcServer();
  await using bot = await connected(server.port, {}, { clock });
  await until("it is in", () => server.members("#room").size === 1);
  server.members("#room").clear();
  server.tellAll(":op!o@h KICK #room bot :out");
  const result = await until("it has noticed", async () => {
    const tried = await bot.connection.send(outgoing("#room", "hi"), unstopped);
    return tried.kind === "failed" ? tried : undefined;
  });
  assert.match(result.message, /not in #room: op has kicked us \(out\)/);
  clock.advance(10_000);
  await until("it is in again", () => server.members("#room").size === 1);
  assert.equal((await bot.connection.send(outgoing("#room", "hi"), unstopped)).kind, "sent");
});

test("stopped: says QUIT and leaves nothing open", async () => {
  await using server = await openIrcServer();
  const bot = await connected(server.port);
  const client = await server.client("bot");
  bot.abort();
  await bot.connection.closed;
  await until("the server has seen it leave", () => server.clients.size === 0);
  assert.ok(client.sent.some((line) => line.startsWith("QUIT")));
});

test("a flood without a line end, and lines that are none, end or harm nothing else", async () => {
  await using server = await openIrcServer();
  await using bot = await connected(server.port);
  const client = await server.client("bot");
  for (const odd of [
    "",
    ":",
    "@",
    ":x",
    "005",
    ":irc.test 005",
    "@a=b;; :x 001",
    "CAP",
    ":a CAP * ACK",
    "BATCH",
    "\u0000\u0001",
  ])
    client.tell(odd);
  server.say("ann!a@h", "bot", "still there?");
  await until("it has read on", () => bot.received.length === 1);
  client.socket.write("x".repeat(40_000));
  assert.equal((await bot.connection.closed).kind, "protocol");
});

test("NickServ: the password goes to the services by the server's own command, before any channel is joined", async () => {
  await using server = await openIrcServer({
    intercept(client, { command, params }) {
      if (command !== "NICKSERV") return false;
      const isRight = params.at(-1) === "hunter22";
      client.tell(
        `:NickServ!s@services NOTICE bot :${isRight ? "You are now identified for bot." : "Invalid password for bot."}`,
      );
      return true;
    },
  });
  await using bot = await connected(server.port, { nickserv: { password: "hunter22" } });
  const client = await server.client("bot");
  await until("it is in", () => server.members("#room").size === 1);
  const order = client.sent.filter((line) => /^(NICKSERV|JOIN)/.test(line));
  assert.deepEqual(order, ["NICKSERV IDENTIFY hunter22", "JOIN #room"]);
  assert.equal(bot.warnings.length, 0);
  await bot.connection[Symbol.asyncDispose]();
  await using refused = await connected(server.port, { nick: "bot", nickserv: { password: "not-it" } });
  const fault = await refused.connection.closed;
  assert.equal(fault.kind, "auth");
  assert.match(fault.message, /NickServ refuses the password/);
});

test("NickServ: where there are no services, nobody of that name is told the password", async () => {
  await using server = await openIrcServer();
  await using bot = await connected(server.port, { nickserv: { password: "hunter22" } });
  const client = await server.client("bot");
  await until("it goes on without", () => server.members("#room").has(client));
  assert.ok(!client.sent.some((line) => line.startsWith("PRIVMSG")));
  assert.match(bot.warnings.join(), /no command NICKSERV/);
});
