import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { openIrcServer } from "../../../test/kit/irc-server.ts";
import { makeSelfSigned } from "../../gateway/self-signed.ts";
import { ChannelFault } from "../channel.ts";
import channel from "./channel.ts";
import { connected, wiring } from "./connect.fixture.ts";

let own: { cert: string; key: string };
before(async () => {
  own = await makeSelfSigned(Date.now());
});

async function refusal(port: number, tls: unknown, host = "127.0.0.1"): Promise<ChannelFault> {
  const error = await channel.connect(wiring(port, { tls, host, password: "topsecret" }).input).then(
    () => assert.fail("it connected"),
    (thrown) => thrown,
  );
  assert.ok(error instanceof ChannelFault);
  return error;
}

test("a certificate nobody vouches for is refused before a byte is said, and the pin is offered", async () => {
  await using server = await openIrcServer({ tls: own });
  const fault = await refusal(server.port, true);
  assert.equal(fault.kind, "protocol");
  const seen = new X509Certificate(own.cert).fingerprint256;
  assert.match(fault.message, /certificate is refused: it is self-signed/);
  assert.equal(fault.fix, `openclaw config set channels.irc.tls.fingerprint ${seen}`);
  assert.deepEqual(
    [...server.clients].flatMap(({ sent }) => sent),
    [],
  );
});

test("the pinned certificate is trusted, in any spelling, and no other one", async () => {
  await using server = await openIrcServer({ tls: own });
  const seen = new X509Certificate(own.cert).fingerprint256;
  for (const fingerprint of [seen, seen.replaceAll(":", "").toLowerCase()]) {
    await using bot = await connected(server.port, { tls: { fingerprint } });
    assert.equal(bot.connection.self.id, "bot");
  }
  const other = await refusal(server.port, {
    fingerprint: seen.replace(/^../, seen.startsWith("00") ? "01" : "00"),
  });
  assert.match(other.message, /not the pinned one, but /);
});

test("an authority of one's own is believed, for the names it has signed for", async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), "openclaw-irc-"));
  const ca = join(dir.path, "ca.pem");
  writeFileSync(ca, own.cert);
  await using server = await openIrcServer({ tls: own });
  await using bot = await connected(server.port, { tls: { ca } });
  assert.equal(bot.connection.self.id, "bot");
  const missing = await refusal(server.port, { ca: join(dir.path, "nowhere.pem") });
  assert.equal(missing.kind, "config");
  assert.match(missing.message, /channels\.irc\.tls\.ca: .*cannot be read \(ENOENT\)/);
  await using elsewhere = await openIrcServer({ tls: own, host: "127.0.0.2" });
  assert.match((await refusal(elsewhere.port, { ca }, "127.0.0.2")).message, /it is for another name/);
});

test("a server that does not speak TLS is told from one that cannot be reached", async () => {
  await using server = await openIrcServer({ refuse: "no TLS here" });
  const fault = await refusal(server.port, true);
  assert.equal(fault.kind, "protocol");
  assert.match(fault.message, /does not speak TLS on this port/);
});

test("the probe says what a person has to know, with a connection and without one [chan-probe-works]", async () => {
  await using server = await openIrcServer({ tls: own, taken: ["taken"] });
  const tls = { fingerprint: new X509Certificate(own.cert).fingerprint256 };
  const input = wiring(server.port, { tls }).input;
  const idle = await channel.probe(input.account, input);
  assert.equal(idle.summary, "works");
  assert.deepEqual(idle.audit, [
    { ok: true, text: "TLS on" },
    { ok: true, text: "nick bot" },
  ]);
  const before = server.connections();
  await using bot = await connected(server.port, { tls, channels: ["#room", "#locked"] });
  const running = await channel.probe(bot.input.account, input);
  assert.equal(running.ok, true);
  assert.equal(server.connections(), before + 1, "the running connection was asked");
  assert.deepEqual(running.audit.slice(0, 2), [
    { ok: true, text: "TLS on" },
    { ok: true, text: "nick bot" },
  ]);
  const other = await channel.probe(wiring(server.port, { tls, nick: "taken" }).input.account, input);
  assert.match(JSON.stringify(other.audit), /taken is in use/);
  const wrong = await channel.probe(wiring(server.port, { tls: true }).input.account, input);
  assert.equal(wrong.ok, false);
  assert.match(wrong.audit[0]?.fix ?? "", /tls\.fingerprint/);
});
