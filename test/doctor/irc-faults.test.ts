import assert from "node:assert/strict";
import { test } from "node:test";
import { idsOf, runDoctor } from "../kit/doctor.ts";
import { runOpenclaw } from "../kit/process.ts";
import { localConfig, makeState } from "../kit/state.ts";

const OURS = ["irc-account", "irc-plaintext", "irc-allow-list", "irc-groups"];

test("doctor: an IRC account that lacks a host, is not encrypted, lists a nick and is deaf; each fix it names mends it [CHAN-02]", async () => {
  using state = makeState(
    localConfig(18_789, {
      channels: {
        irc: {
          nick: "my-bot",
          tls: false,
          password: "SEC-irc-server-password",
          allowFrom: ["Alice", "bob!~b@Home.Example"],
          channels: ["#room"],
          groups: { "#Room": {} },
          accounts: { default: {}, work: { host: "irc.example.org", tls: false, nick: "worker" } },
        },
      },
    }),
  );
  const seen = await runDoctor(state);
  const found = seen.findings.filter(({ id }) => OURS.includes(id));
  assert.deepEqual(new Set(found.map(({ id }) => id)), new Set(OURS), idsOf(seen).join());
  const said = JSON.stringify(found);
  assert.match(said, /account default: channels\.irc\.accounts\.default\.host is not set/);
  assert.match(said, /TLS is off for irc\.example\.org, and the server password is sent over it/);
  assert.match(said, /\\"Alice\\" is a nick; anybody can take it, so it lets in nobody/);
  assert.match(said, /channels has #room, channels\.irc\.\S+groups has #Room/);
  assert.ok(!said.includes("SEC-irc"), "no secret is shown");

  for (let round = 0; round < 3; round++) {
    const left = (await runDoctor(state)).findings.filter(({ id }) => OURS.includes(id));
    if (left.length === 0) return;
    for (const { fix } of left) {
      const words = fix.match(/'[^']*'|\S+/g)!.map((word) => word.replaceAll("'", ""));
      const { code, stderr } = await runOpenclaw(words.slice(1), state);
      assert.equal(code, 0, `${fix}\n${stderr}`);
    }
  }
  assert.fail(idsOf(await runDoctor(state)).join());
});
