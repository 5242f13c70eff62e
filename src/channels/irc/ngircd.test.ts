import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { openIrcPerson } from "../../../test/kit/irc-person.ts";
import { noNgircd, openNgircd } from "../../../test/kit/ngircd.ts";
import { until } from "../../../test/kit/until.ts";
import { makeSelfSigned } from "../../gateway/self-signed.ts";
import channel from "./channel.ts";
import { connected, outgoing, unstopped, wiring } from "./connect.fixture.ts";

test("a real server: heard, answered and acknowledged; refusals in its own words", {
  skip: noNgircd,
}, async () => {
  await using server = await openNgircd();
  using ann = await openIrcPerson(server.port, "ann");
  await ann.join("#room");
  await using bot = await connected(server.port);
  await ann.sees("bot", "#room");
  ann.say("#room", "bot: what is up?");
  ann.say("bot", "and in private?");
  await until("both came", () => bot.received.length === 2);
  const [group, direct] = bot.received;
  assert.deepEqual([group!.chat.id, group!.mentionsUs, group!.text], ["#room", true, "what is up?"]);
  assert.equal(direct!.chat.id, direct!.sender.id);
  assert.match(direct!.sender.id, /^ann!~ann@/);
  const long = channel.format(`**all** \`of\` it ${"w\u00f6rd ".repeat(300)}`);
  for (const [chat, part] of [
    ["#room", long[0]!],
    [direct!.chat.id, { text: "private", plain: "private" }],
  ] as const)
    assert.equal(
      (await bot.connection.send({ ...outgoing(chat, part.text), plain: part.plain }, unstopped)).kind,
      "sent",
    );
  await until("she has both", () => ann.heard.length === 2);
  assert.deepEqual(ann.heard, [`bot #room ${long[0]!.text}`, "bot ann private"]);
  const refused = await bot.connection.send(outgoing("nobody-here", "hi"), unstopped);
  assert.deepEqual(refused, {
    kind: "refused",
    reason: "no-such-chat",
    message: "No such nick or channel name",
  });
  const outside = await bot.connection.send(outgoing("#elsewhere", "hi"), unstopped);
  assert.equal(outside.kind, "refused");
  const probe = await channel.probe(bot.input.account, bot.input);
  assert.deepEqual(
    [probe.summary, probe.audit.map(({ text }) => text)],
    ["works", ["TLS off, on this machine", "nick bot", "in #room"]],
  );
});

test("a real server: a channel with a password, a nick in use, killed and back", {
  skip: noNgircd,
}, async () => {
  await using server = await openNgircd();
  using ann = await openIrcPerson(server.port, "ann");
  await ann.join("#secret");
  ann.raw("MODE #secret +k sesame");
  using holder = await openIrcPerson(server.port, "bot");
  await using bot = await connected(server.port, { channels: [{ name: "#secret", password: "sesame" }] });
  assert.equal(bot.connection.self.id, "bot_");
  await ann.sees("bot_", "#secret");
  holder.raw("QUIT");
  await using second = await connected(server.port, { nick: "other", channels: ["#secret"] });
  await until("it is told why", () => second.warnings.length > 0);
  assert.match(second.warnings[0]!, /not in #secret: its password is another one/);
  await server.kill();
  for (const one of [bot, second]) assert.equal((await one.connection.closed).kind, "network");
  assert.equal((await bot.connection.send(outgoing("#secret", "hi"), unstopped)).kind, "failed");
  await server.start();
  await using again = await connected(server.port, { channels: ["#secret"] });
  assert.equal(again.connection.self.id, "bot");
});

test("a real server over TLS with a certificate of its own", { skip: noNgircd }, async () => {
  const own = await makeSelfSigned(Date.now());
  await using server = await openNgircd(own);
  const fingerprint = new X509Certificate(own.cert).fingerprint256;
  await using bot = await connected(server.tlsPort!, { tls: { fingerprint } });
  assert.equal((await bot.connection.send(outgoing("#room", "hi"), unstopped)).kind, "sent");
  const { fix } = await channel.connect(wiring(server.tlsPort!, { tls: true }).input).then(
    () => assert.fail("it connected"),
    (error: { fix: string }) => error,
  );
  assert.equal(fix, `openclaw config set channels.irc.tls.fingerprint ${fingerprint}`);
});
