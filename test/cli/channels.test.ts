import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openSenders } from "../../src/access/senders/senders.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { runHere } from "../kit/command.ts";
import { openGateway } from "../kit/gateway.ts";
import { account, handDesk } from "../kit/hand-desk.ts";
import { freePort } from "../kit/port.ts";
import { localConfig, makeState } from "../kit/state.ts";
import { blocked, openFakeTelegram, otherPoller, unauthorized } from "../kit/telegram/server.ts";
import { until } from "../kit/until.ts";

const TOKEN = "7000001:AAFakeTokenOfTheFakeBotApiServer-123";

async function folder(more: Record<string, unknown> = {}) {
  return makeState(localConfig(await freePort(), more));
}

test("channels add writes one account and leaves every other byte; list, change, rest, remove", async () => {
  const text = `{
  // mine
  gateway: { mode: "local", port: ${await freePort()}, auth: { mode: "token", token: "SEC-token-3f9a1c77d2" } },
}
`;
  using state = makeState(text);
  const read = () => readFileSync(state.configPath, "utf8");
  const run = (...words: string[]) => runHere(["channels", ...words], state);

  const added = await run("add", "--channel", "telegram", "--token", TOKEN);
  assert.equal(added.code, 0, added.stderr);
  assert.match(added.stdout, /^Added Telegram account "default"\. Change will apply without restarting/);
  assert.match(added.stderr, /the secret is in the history of your shell/);
  assert.ok(!(added.stdout + added.stderr).includes(TOKEN));
  assert.ok(read().startsWith(text.slice(0, text.indexOf("\n}"))), read());
  assert.match(read(), /dmPolicy: "pairing"|"dmPolicy": "pairing"/);

  const file = join(state.dir, "work.token");
  writeFileSync(file, `${TOKEN}\n`);
  assert.equal(
    (await run("add", "--channel", "Telegram", "--account", "work", "--token-file", file)).code,
    0,
  );
  const irc = ["add", "--channel", "irc", "--host", "irc.example.org", "--nick", "claw", "--tls", "no"];
  assert.equal((await run(...irc, "--port", "6667", "--join", "#a, #b")).code, 0);
  const list = await run("list");
  assert.match(
    list.stdout,
    /^Telegram +default +enabled +configured\nTelegram +work +enabled +configured\nIRC +default/,
  );
  assert.ok(!(await run("list", "--json")).stdout.includes(TOKEN));
  assert.match(read(), /6667/);

  // One place for the token: a file instead of the text takes the text away.
  assert.equal((await run("add", "--channel", "telegram", "--token-file", file)).code, 0);
  assert.ok(!read().includes(TOKEN));
  assert.match((await run("remove", "telegram", "--account", "work", "--dry-run")).stdout, /^\+ .*false/m);
  assert.match(
    (await run("remove", "telegram", "--account", "work")).stdout,
    /^Disabled Telegram account "work"/,
  );
  assert.match((await run("list", "--channel", "telegram")).stdout, /work +disabled/);
  assert.match((await run("remove", "telegram")).stderr, /^$/);
  assert.match((await run("list")).stdout, /^Telegram +default +disabled/m);
  assert.equal((await run("remove", "telegram", "--account", "work", "--delete")).code, 0);
  assert.equal((await run("remove", "irc", "--delete")).code, 0);
  assert.match(
    (await run("list")).stdout,
    /^Telegram +default +disabled +configured\nAvailable: irc, telegram\n$/,
  );
});

test("removing the account that is the section itself leaves the others as they are", async () => {
  const work = { botToken: TOKEN.replace("7000001", "7000002") };
  using state = await folder({ channels: { telegram: { botToken: TOKEN, accounts: { work } } } });
  await runHere(["channels", "remove", "telegram"], state);
  const rests = await runHere(["channels", "list"], state);
  assert.match(rests.stdout, /default +disabled/);
  assert.match(rests.stdout, /work +enabled +configured/);
  using other = await folder({ channels: { telegram: { botToken: TOKEN, accounts: { work } } } });
  await runHere(["channels", "remove", "telegram", "--account", "default", "--delete"], other);
  assert.match(
    (await runHere(["channels", "list"], other)).stdout,
    /^Telegram +work +enabled +configured\nAvailable/,
  );
});

test("what cannot be an account is refused with the reason, and nothing is written", async () => {
  using state = await folder();
  const before = readFileSync(state.configPath, "utf8");
  const cases: [words: string[], code: number, says: RegExp][] = [
    [[], 1, /needs an interactive terminal[\s\S]*--token-file <file>/],
    [["--channel", "telegrm", "--token", TOKEN], 2, /no channel "telegrm" — did you mean telegram\?/],
    [["--channel", "telegram", "--token", "abc"], 2, /bad value for --token: a token of Telegram reads/],
    [
      ["--channel", "telegram", "--token-file", "/nowhere/token"],
      1,
      /there is no token file \/nowhere\/token/,
    ],
    [["--channel", "telegram", "--token", TOKEN, "--use-env"], 2, /exclude each other/],
    [["--channel", "irc", "--token", TOKEN], 2, /--token is no option of irc/],
    [["--channel", "irc", "--nick", "claw"], 2, /--host is needed/],
    [["--channel", "irc", "--host", "h", "--nick", "c", "--join", "a"], 2, /a room begins with #/],
    [["--channel", "telegram", "--account", "a b", "--token", TOKEN], 2, /bad value for --account/],
  ];
  for (const [words, code, says] of cases) {
    const ended = await runHere(["channels", "add", ...words], state);
    assert.deepEqual([ended.code, ended.stdout], [code, ""], words.join(" "));
    assert.match(ended.stderr, says);
  }
  assert.equal(readFileSync(state.configPath, "utf8"), before);
  const env = await runHere(["channels", "add", "--channel", "telegram", "--use-env"], state);
  assert.equal(env.code, 0, env.stderr);
  assert.match(env.stderr, /TELEGRAM_BOT_TOKEN is not set here/);
  const login = await runHere(["channels", "login", "telegram"], state);
  assert.equal(login.code, 1);
  assert.match(login.stderr, /^Telegram has no login\n.*web login provider is not available/);
});

test("[chan-probe-works] [chan-401-403] status --probe while no gateway runs is config-only and says so; exit 0, with --require-ok 1", async () => {
  await using fake = await openFakeTelegram();
  using state = await folder({
    channels: { telegram: { botToken: fake.token, apiRoot: fake.apiRoot }, signal: {} },
  });
  const well = await runHere(["channels", "status", "--probe"], state);
  assert.equal(well.code, 0);
  assert.match(
    well.stdout,
    /^Gateway not reachable; config-only status; the platforms were asked from here:\n/,
  );
  assert.match(well.stdout, /^- Telegram default: enabled, configured, works, audit ok$/m);
  assert.match(well.stdout, /^- signal: kept in the config, not used/m);
  assert.match(well.stderr, /fix: openclaw start/);
  assert.equal((await runHere(["channels", "status", "--probe", "--require-ok"], state)).code, 1);
  fake.inject({ fault: unauthorized });
  const refused = await runHere(["channels", "status", "--probe"], state);
  assert.equal(refused.code, 0);
  assert.match(refused.stdout, /probe failed: 401 Unauthorized/);
  assert.ok(!refused.stdout.includes(fake.token));
  assert.match((await runHere(["channels", "status"], state)).stdout, /enabled, configured$/m);
  await until("the probe to have hung up", () => fake.connections() === 0);
});

test("[chan-probe-works] [chan-forbidden] [chan-pending-approval] the whole way by the commands, on a gateway and a Bot API server", async () => {
  await using fake = await openFakeTelegram();
  await using gateway = await openGateway({
    config: { channels: { telegram: { botToken: fake.token, apiRoot: fake.apiRoot } } },
  });
  const { state } = gateway;
  const run = (...words: string[]) => runHere(words, state);
  await until("a poll", () => fake.isPolled());

  const status = await run("channels", "status", "--probe", "--require-ok");
  assert.equal(status.code, 0, status.stdout);
  assert.match(
    status.stdout,
    /^- Telegram default: enabled, configured, live, last poll \d+ s ago, as @claw_bot, works, audit ok$/m,
  );
  assert.match((await run("status")).stdout, /^Channels: +Telegram default: live, last poll \d+ s ago$/m);
  assert.match(
    (await run("status", "--deep")).stdout,
    /^ {2}channels +yes +Telegram default live, last poll \d+ s ago$/m,
  );
  assert.match((await run("health")).stdout, /Channels +Telegram default: live, last poll/);

  fake.say({ chat: 555, text: "hello" });
  await until("the reply", () => fake.sent(555).length > 0);
  fake.say({ chat: 555, text: "hello?" });
  await until("the second message", () => fake.unconfirmed().length === 0);
  const pending = await run("pairing", "list", "--channel", "telegram");
  assert.match(pending.stdout, /^Pairing requests \(1\)\n {2}[A-Z2-9]{8} {2}telegram {2}555 \(/);
  assert.equal(fake.sent(555).length, 1, "nobody is told twice");
  const [, code] = /^ {2}([A-Z2-9]{8})/m.exec(pending.stdout)!;
  const wrong = await run("pairing", "approve", "telegram", "AAAABBBB");
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /^No pending pairing request found for code: AAAABBBB/);
  const approved = await run("pairing", "approve", "telegram", code!.toLowerCase(), "--notify");
  assert.equal(approved.code, 0, approved.stderr);
  assert.match(
    approved.stdout,
    /^Approved telegram sender 555\.\nCommand owner is now telegram:555: .*\nThey were told in the chat\.\n$/,
  );
  assert.match((await run("pairing", "list")).stdout, /^No pending pairing requests\.\n$/);

  const sent = await run("message", "send", "--channel", "telegram", "--target", "555", "--message", "hi");
  const { id } = fake.sent(555).at(-1) as { id?: number; message_id?: number } & { id: number };
  assert.equal(sent.code, 0, sent.stderr);
  assert.match(sent.stdout, /^Sent to 555 by telegram: message id \d+\n$/);
  const [, messageId] = /message id (\d+)/.exec(sent.stdout)!;
  assert.ok(id === undefined || String(id) === messageId);
  const trail = await run("explain", messageId!);
  assert.equal(trail.code, 0, trail.stderr);
  assert.match(trail.stdout, new RegExp(`outbox sent +message ids ${messageId}$`, "m"));
  const dropped = await run("explain", "101");
  assert.match(dropped.stdout, /gate dropped +message 101 in chat 555 of telegram default: pairing/);
  const reacted = await run(
    "message",
    "react",
    "--channel",
    "telegram",
    "--target",
    "555",
    "--message-id",
    messageId!,
    "--emoji",
    "👍",
  );
  assert.equal(reacted.code, 0, reacted.stderr);

  fake.inject({ fault: blocked, method: "sendMessage", times: 1 });
  const refused = await run("message", "send", "--target", "555", "--message", "again");
  assert.deepEqual([refused.code, refused.stdout], [1, ""]);
  assert.match(refused.stderr, /^the message was not sent: 403: Forbidden: bot was blocked by the user\n/);
  const outbox = await run("outbox", "list");
  assert.match(
    outbox.stdout,
    /^[0-9a-f]{8} {2}failed {3}telegram to 555, just now: "again"\n +403: Forbidden: bot was blocked/,
  );
  const dead = outbox.stdout.slice(0, 8);
  assert.match(
    (await run("doctor", "--only", "channel-state")).stdout,
    /1 message could not be delivered by Telegram/,
  );
  assert.match((await run("outbox", "retry", dead)).stdout, new RegExp(`^Due again: ${dead}`));
  await until("the message after all", () => fake.sent(555).some(({ text }) => text === "again"));
  assert.match((await run("outbox", "list")).stdout, /^Nothing waits/);
  assert.match(
    (await run("outbox", "list", "--all")).stdout,
    new RegExp(`${dead} {2}sent .*\\n +message ids \\d+`),
  );

  assert.match((await run("channels", "stop", "telegram")).stdout, /^- Telegram default: .*stopped by hand/);
  const waits = ["message", "send", "--target", "555", "--message", "later"];
  const failed = await run(...waits);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /^not sent yet, but queued \([0-9a-f-]{36}\): /);
  const queued = await run(...waits, "--queue");
  assert.equal(queued.code, 0, queued.stderr);
  assert.match(queued.stdout, /^Queued for 555 by telegram, not sent yet: /);
  assert.equal(
    fake.sent(555).some(({ text }) => text === "later"),
    false,
  );
  assert.equal((await run("channels", "start", "--channel", "telegram")).code, 0);
  await until("both", () => fake.sent(555).filter(({ text }) => text === "later").length === 2);
});

test("[chan-silent] [chan-401-403] a silent, a refused and a contested account: in status, and as findings with their names", async () => {
  await using gateway = await openGateway();
  const silent = "polling stall: no update for 120 s";
  const hand = handDesk(gateway, [
    account({ accountId: "a", state: "degraded", reason: silent, lastProofAt: Date.now() - 120_000 }),
    account({ accountId: "b", state: "parked", reason: "401 Unauthorized", fix: "openclaw channels add" }),
    account({
      accountId: "c",
      state: "degraded",
      reason: "409 Conflict: terminated by other getUpdates request",
    }),
    account({
      accountId: "d",
      state: "degraded",
      reason: "connect ECONNREFUSED",
      nextAttemptAt: Date.now() + 30_000,
    }),
  ]);
  const { stdout } = await runHere(["channels", "status"], gateway.state);
  assert.match(stdout, /^- Telegram a: .*degraded: polling stall: no update for 120 s, last poll 2m ago/m);
  assert.match(stdout, /^- Telegram b: .*parked: 401 Unauthorized\n {4}fix: openclaw channels add$/m);
  assert.match(stdout, /^- Telegram d: .*next attempt in (29|30)s/m);
  assert.doesNotMatch(stdout, /\blive\b/);
  assert.equal((await runHere(["channels", "status", "--require-ok"], gateway.state)).code, 1);
  const { gateway: view } = { gateway: hand.accounts };
  const { default: check } = await import("../../src/doctor/checks/channel-state.ts");
  const self = { channels: view };
  const facts = { nowMs: Date.now(), gateway: async () => ({ self }) };
  const found = await check.inspect(facts as never);
  assert.deepEqual(
    found.map(({ id }) => id),
    ["channel-silent", "channel-permission", "channel-conflict", "channel-down"],
  );
  assert.match(found[0]!.evidence.join("\n"), /no update for 120 s\nstalled since \d{4}-/);
  hand.accounts = [];
});

test("pairing and the outbox work on their stores while no gateway runs; a queued message goes out with the next start", async () => {
  await using fake = await openFakeTelegram();
  using bare = await folder();
  const none = await runHere(["pairing", "list"], bare);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /^no chat app is configured\n[\s\S]*fix: openclaw channels add/);

  using state = await folder({ channels: { telegram: { botToken: fake.token, apiRoot: fake.apiRoot } } });
  const run = (...words: string[]) => runHere(words, state);
  assert.match((await run("pairing", "list")).stdout, /^No pending/);
  assert.match((await run("outbox", "list")).stdout, /^Nothing waits/);
  mkdirSync(join(state.dir, "data"), { recursive: true, mode: 0o700 });
  const codeOf = (senderId: string) => {
    using senders = openSenders({
      path: join(state.dir, "data/senders.sqlite"),
      clock: systemClock,
      onSetAside() {},
    });
    return (senders.request({ channel: "telegram", accountId: "default", senderId }) as { code: string })
      .code;
  };
  const code = codeOf("555");
  const other = codeOf("556");
  assert.match((await run("pairing", "list", "telegram")).stdout, /^Pairing requests \(2\)/);
  const bad = await run("pairing", "approve", "telegram", "ZZZZZZZZ");
  assert.equal(bad.code, 1);
  const approved = await run("pairing", "approve", code, "--channel", "telegram", "--notify");
  assert.equal(approved.code, 0, approved.stderr);
  assert.match(approved.stdout, /^Approved telegram sender 555\.\nCommand owner is now telegram:555/);
  assert.match(approved.stderr, /nobody was told: no gateway runs/);
  assert.match(
    (await run("pairing", "reject", "telegram", other)).stdout,
    /^Rejected telegram sender 556\.$/m,
  );

  const words = ["message", "send", "--target", "555", "--message", "while down"];
  const refused = await run(...words);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^Error: cannot send — no active gateway connection/);
  const dry = await run(...words, "--dry-run");
  assert.match(
    dry.stdout,
    /^Would send 1 message to 555 by telegram default\. Nothing was sent\.\n {2}while down\n$/,
  );
  const queued = await run(...words, "--queue");
  assert.equal(queued.code, 0, queued.stderr);
  assert.match(queued.stdout, /^Queued for 555 by telegram, not sent yet: no gateway runs/);
  await run("message", "send", "--target", "555", "--message", "never mind", "--queue");
  const [line] = (await run("outbox", "list")).stdout.split("\n");
  assert.match(line!, /queued .*"never mind"/);
  assert.match((await run("outbox", "drop", line!.slice(0, 8))).stdout, /^Dropped/);

  fake.chat(555);
  await using _gateway = await openGateway({ state });
  await until("the queued message", () => fake.sent(555).some(({ text }) => text === "while down"));
  assert.equal(fake.sent(555).length, 1);
});

test("another poller with the same token is named by the probe", async () => {
  await using fake = await openFakeTelegram();
  fake.inject({ fault: otherPoller, method: "getUpdates" });
  await using gateway = await openGateway({
    config: { channels: { telegram: { botToken: fake.token, apiRoot: fake.apiRoot } } },
  });
  await until("a refused poll", () => gateway.console.some((line) => /409/.test(line)));
  const { stdout } = await runHere(["channels", "status"], gateway.state);
  assert.match(stdout, /^- Telegram default: .*409/m);
  assert.doesNotMatch(stdout, /\blive\b/);
});
