import assert from "node:assert/strict";
import { test } from "node:test";
import { ircAccounts, settingsOf } from "./accounts.ts";

const libera = { host: "irc.libera.chat", nick: "my-bot" };

test("host and nick are enough: encrypted, on the port for it", () => {
  const [account, ...more] = ircAccounts(libera, {});
  assert.equal(more.length, 0);
  assert.equal(account?.accountId, "default");
  assert.equal(account?.missing, undefined);
  const { host, port, tls, nick, username, realname, channels } = settingsOf(account!);
  assert.deepEqual(
    { host, port, nick, username, realname, channels },
    {
      host: "irc.libera.chat",
      port: 6697,
      nick: "my-bot",
      username: "my-bot",
      realname: "my-bot",
      channels: [],
    },
  );
  assert.ok(tls);
});

test("accounts inherit what they do not say, and policies are none of their business", () => {
  const section = {
    ...libera,
    dmPolicy: "open",
    allowFrom: ["account:me"],
    channels: ["#a", { name: "#b", password: "sesame" }],
    accounts: { work: { host: "irc.example.org", tls: false, nick: "worker" }, off: { enabled: false } },
  };
  const accounts = ircAccounts(section, {});
  assert.deepEqual(
    accounts.map(({ accountId, enabled }) => [accountId, enabled]),
    [
      ["default", true],
      ["work", true],
      ["off", false],
    ],
  );
  const work = settingsOf(accounts[1]!);
  assert.equal(work.port, 6667);
  assert.equal(work.nick, "worker");
  assert.equal(work.channels.length, 2);
  assert.deepEqual(accounts[1]!.secrets, ["sesame"]);
  assert.ok(!("allowFrom" in accounts[0]!.settings) && !("dmPolicy" in accounts[0]!.settings));
});

test("a section with accounts only has no account of its own", () => {
  assert.deepEqual(
    ircAccounts({ nick: "x", accounts: { a: libera } }, {}).map(({ accountId }) => accountId),
    ["a"],
  );
  assert.deepEqual(ircAccounts({}, {}), []);
});

test("the environment stands behind the config, for the default account alone", () => {
  const env = {
    IRC_HOST: "irc.env.test",
    IRC_PORT: "7000",
    IRC_TLS: "no",
    IRC_NICK: "env-bot",
    IRC_PASSWORD: "from-env",
    IRC_CHANNELS: "#a,#b",
    IRC_NICKSERV_PASSWORD: "ns-env",
  };
  const [alone] = ircAccounts({}, env);
  const settings = settingsOf(alone!);
  assert.deepEqual(
    [settings.host, settings.port, settings.tls, settings.nick],
    ["irc.env.test", 7_000, undefined, "env-bot"],
  );
  assert.deepEqual(
    settings.channels.map(({ name }) => name),
    ["#a", "#b"],
  );
  assert.deepEqual(alone!.secrets, ["from-env", "ns-env"]);
  const accounts = ircAccounts({ ...libera, accounts: { other: { host: "irc.example.org" } } }, env);
  assert.equal(settingsOf(accounts[0]!).host, "irc.libera.chat");
  assert.equal(settingsOf(accounts[0]!).password, "from-env");
  assert.equal(settingsOf(accounts[1]!).password, undefined);
});

const WRONG: readonly [string, Record<string, unknown>, RegExp, RegExp][] = [
  [
    "no host",
    { nick: "x", channels: ["#a"] },
    /channels\.irc\.host is not set/,
    /config set channels\.irc\.host/,
  ],
  ["a host with a path", { ...libera, host: "irc://x/" }, /host is not a host/, /host/],
  ["no nick", { host: "h" }, /nick is not set/, /channels\.irc\.nick/],
  ["a nick with a space", { host: "h", nick: "my bot" }, /nick is not a nick/, /nick/],
  ["a port that is none", { ...libera, port: 70_000 }, /port is not a port/, /port 6697/],
  ["a channel that is none", { ...libera, channels: ["#ok", "room"] }, /no channel in "room"/, /channels/],
  ["a channel with a command in it", { ...libera, channels: ["#a\r\nQUIT"] }, /no channel/, /channels/],
  [
    "SASL without a password",
    { ...libera, sasl: { account: "a" } },
    /sasl\.password is not set/,
    /sasl\.password/,
  ],
  ["SASL nobody knows", { ...libera, sasl: { mechanism: "MAGIC" } }, /neither PLAIN nor EXTERNAL/, /PLAIN/],
  [
    "SASL EXTERNAL without a certificate",
    { ...libera, sasl: { mechanism: "EXTERNAL" } },
    /tls\.cert and tls\.key/,
    /tls\.cert/,
  ],
];
for (const [name, section, what, fix] of WRONG) {
  test(`says what is missing: ${name}`, () => {
    const { missing } = ircAccounts(section, {})[0]!;
    assert.match(missing?.what ?? "", what);
    assert.match(missing?.fix ?? "", fix);
  });
}

test("the fingerprint moves with everything a connection depends on, and shows no secret", () => {
  const print = (section: Record<string, unknown>) =>
    ircAccounts({ ...libera, ...section }, {})[0]!.fingerprint;
  const first = print({ sasl: { password: "topsecret" } });
  assert.equal(
    first,
    print({ sasl: { password: "topsecret" }, allowFrom: ["account:x"], groups: { "#a": {} } }),
  );
  for (const other of [
    { sasl: { password: "other" } },
    { port: 7_000 },
    { tls: false },
    { channels: ["#x"] },
    { flood: { burst: 9 } },
  ])
    assert.notEqual(first, print({ sasl: { password: "topsecret" }, ...other }));
  assert.ok(!first.includes("topsecret"));
});
