import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  ChannelsPairingApproveResultSchema,
  ChannelsPairingDismissResultSchema,
  ChannelsPairingListResultSchema,
  ChannelsStatusResultSchema,
} from "@openclaw/gateway-protocol";
import { Value } from "typebox/value";
import { openGateway } from "../kit/gateway.ts";
import { account, handDesk } from "../kit/hand-desk.ts";
import { connectWire } from "../kit/wire.ts";

const gateway = await openGateway();
after(() => gateway[Symbol.asyncDispose]());
const hand = handDesk(gateway);
const { token, port } = gateway;
const owner = await connectWire(port, { token, scopes: ["operator.admin"] });
after(() => owner[Symbol.dispose]());

// biome-ignore lint/suspicious/noExplicitAny: a foreign client's view of the payload
async function call(method: string, params: unknown = {}): Promise<any> {
  const answer = await owner.request(method, params);
  assert.equal(answer.ok, true, JSON.stringify(answer.error));
  return answer.payload;
}

async function refusal(method: string, params: unknown = {}) {
  const answer = await owner.request(method, params);
  assert.equal(answer.ok, false, JSON.stringify(answer.payload));
  return answer.error;
}

function matches(schema: unknown, payload: unknown): void {
  const errors = [...Value.Errors(schema as never, payload)];
  assert.deepEqual(errors, [], JSON.stringify(payload));
}

test("channels.status is what the published schema says, and tells the proof of each word", async () => {
  const nowMs = Date.now();
  hand.accounts = [
    account({ lastProofAt: nowMs - 4_000, lastInboundAt: nowMs, self: { id: "1", name: "mybot" } }),
    account({
      accountId: "work",
      name: "Work",
      state: "parked",
      reason: "401 Unauthorized",
      fix: "openclaw channels add",
    }),
    account({ channel: "irc", label: "IRC", enabled: false, state: "stopped" }),
  ];
  hand.probes = new Map([
    [
      "telegram default",
      { ok: true, summary: "works", audit: [{ ok: false, text: "privacy mode is on" }], elapsedMs: 3 },
    ],
  ]);
  const status = await call("channels.status", { probe: true });
  matches(ChannelsStatusResultSchema, status);
  assert.deepEqual(status.channelOrder, ["telegram", "irc"]);
  assert.deepEqual(status.channelDefaultAccountId, { telegram: "default", irc: "default" });
  const [live, parked] = status.channelAccounts.telegram;
  assert.deepEqual(
    [live.running, live.connected, live.healthState, live.lastTransportActivityAt, live.probe.summary],
    [true, true, "live", nowMs - 4_000, "works"],
  );
  assert.deepEqual([parked.running, parked.connected, parked.lastError], [false, false, null]);
  assert.equal(status.partial, true, "work and irc were not asked");
  assert.deepEqual(status.warnings, [
    "Telegram default: privacy mode is on",
    "Telegram work is parked: 401 Unauthorized; fix: openclaw channels add",
  ]);
  assert.deepEqual((await call("channels.status", { channel: "irc" })).channelOrder, ["irc"]);
  hand.accounts = [account()];
});

test("channels.stop and start answer with the accounts; logout there is none", async () => {
  const stopped = await call("channels.stop", { channel: "telegram" });
  assert.deepEqual(
    [stopped.channel, stopped.accountId, stopped.stopped, stopped.accounts[0].healthState],
    ["telegram", "default", true, "stopped"],
  );
  const started = await call("channels.start", { channel: "telegram", accountId: "default" });
  assert.deepEqual([started.started, started.accounts[0].running], [true, true]);
  assert.equal((await refusal("channels.start", { channel: "nope" })).code, "INVALID_REQUEST");
  assert.equal(
    (await refusal("channels.logout", { channel: "telegram" })).message,
    "channel telegram does not support logout",
  );
  assert.match((await refusal("channels.logout", { channel: "nope" })).message, /^unknown channel: nope$/);
});

test("[web-login-provider-unavailable] no channel here logs in by QR code", async () => {
  for (const method of ["web.login.start", "web.login.wait"]) {
    const { code, message } = await refusal(method, { timeoutMs: 1_000 });
    assert.deepEqual(
      { code, message },
      { code: "INVALID_REQUEST", message: "web login provider is not available" },
    );
  }
});

test("[CHAN-13] a pairing code is given out by the bot alone; approving takes pairing and write, the first one admin", async () => {
  const { code } = hand.senders.request({
    channel: "telegram",
    accountId: "default",
    senderId: "555",
    name: "Ann",
  }) as {
    code: string;
  };
  const list = await call("channels.pairing.list", { channel: "telegram" });
  matches(ChannelsPairingListResultSchema, list);
  assert.deepEqual(
    [
      list.requests[0].requestId,
      list.requests[0].senderId,
      list.requests[0].senderLabel,
      list.commandOwnerConfigured,
    ],
    [code, "555", "Ann", false],
  );
  const request = { channel: "telegram", accountId: "default", requestId: code };
  for (const [scopes, missing] of [
    [["operator.pairing"], "operator.write"],
    [["operator.pairing", "operator.write"], "operator.admin"],
  ] as const) {
    using caller = await connectWire(port, { token, scopes: [...scopes] });
    const { error } = await caller.request("channels.pairing.approve", request);
    assert.deepEqual([error.message, error.details.missingScope], [`missing scope: ${missing}`, missing]);
  }
  assert.equal(hand.senders.isApproved("telegram", "default", "555"), false);
  assert.equal(
    (await refusal("channels.pairing.approve", { ...request, requestId: "AAAABBBB" })).message,
    "unknown pairing request",
  );

  const approved = await call("channels.pairing.approve", { ...request, notify: true });
  matches(ChannelsPairingApproveResultSchema, approved);
  assert.deepEqual(approved, {
    requestId: code,
    senderId: "555",
    notification: "sent",
    commandOwnerBootstrap: "configured",
  });
  assert.equal(hand.senders.isOwner("telegram", "default", "555"), true);
  assert.equal(hand.sent.at(-1)?.to, "555");

  const second = hand.senders.request({ channel: "telegram", accountId: "default", senderId: "556" }) as {
    code: string;
  };
  using helper = await connectWire(port, { token, scopes: ["operator.pairing", "operator.write"] });
  const later = await helper.request("channels.pairing.approve", { ...request, requestId: second.code });
  assert.equal(later.payload?.commandOwnerBootstrap, "already-configured", JSON.stringify(later.error));
  const third = hand.senders.request({ channel: "telegram", accountId: "default", senderId: "557" }) as {
    code: string;
  };
  const dismissed = await call("channels.pairing.dismiss", { ...request, requestId: third.code });
  matches(ChannelsPairingDismissResultSchema, dismissed);
  assert.equal(hand.senders.isApproved("telegram", "default", "557"), false);
});

test("send: the platform's id or a refusal with its words; queued is not sent [chan-forbidden]", async () => {
  const to = { channel: "telegram", to: "555" };
  const sent = await call("send", { ...to, message: "hi", idempotencyKey: "k1" });
  assert.deepEqual([sent.messageId, sent.runId, sent.channel], ["42", "k1", "telegram"]);
  hand.fates = [
    ({ idempotencyKey }) => ({ kind: "queued", outboxId: idempotencyKey, reason: "no connection" }),
  ];
  const queued = await refusal("send", { ...to, message: "hi", idempotencyKey: "k2" });
  assert.deepEqual([queued.code, queued.details], ["UNAVAILABLE", { code: "OUTBOUND_DELIVERY_QUEUED" }]);
  assert.match(queued.message, /queued \(k2\): no connection/);
  const action = { channel: "telegram", action: "send", idempotencyKey: "k3" };
  const waits = await call("message.action", {
    ...action,
    params: { target: "555", text: "hi", queue: true },
  });
  assert.deepEqual([waits.queued, waits.reason, waits.outboxId], [true, "no connection", "k3"]);
  const message = "Forbidden: bot was blocked by the user";
  hand.fates = [() => ({ kind: "failed", outboxId: "x", reason: "forbidden", message })];
  const failed = await refusal("send", { ...to, message: "hi", idempotencyKey: "k4" });
  assert.deepEqual([failed.message, failed.details.reason, failed.retryable], [message, "forbidden", false]);
  hand.fates = [() => ({ kind: "sent", outboxId: "x", messageIds: ["1", "2"] })];
  assert.match((await refusal("send", { ...to, idempotencyKey: "k5" })).message, /text or media is required/);
  assert.match(
    (await refusal("send", { to: "1", channel: "nope", message: "x", idempotencyKey: "k" })).message,
    /unknown channel/,
  );
  const { params: _, ...bare } = { ...action, params: {} };
  assert.match(
    (await refusal("message.action", { ...bare, action: "ban", params: {} })).message,
    /^Message action ban not supported for channel telegram\.$/,
  );
  await call("message.action", {
    ...action,
    action: "react",
    params: { to: "555", messageId: "7", emoji: "👍" },
  });
  assert.deepEqual(hand.reactions.at(-1), {
    ...{ channel: "telegram", accountId: "default", to: "555", messageId: "7", emoji: "👍" },
  });
});

test("a file is sent from the request or a workspace, and from nowhere else; its copy goes when it has arrived", async () => {
  const to = { channel: "telegram", to: "555" };
  const bytes = Buffer.from("a picture");
  let seen = "";
  hand.fates = [
    ({ filePath }) => {
      seen = readFileSync(filePath!, "utf8");
      return { kind: "sent", outboxId: "x", messageIds: ["1"] };
    },
  ];
  await call("send", {
    ...to,
    idempotencyKey: "f1",
    buffer: bytes.toString("base64"),
    filename: "../../evil.png",
  });
  assert.equal(seen, "a picture");
  const { filePath } = hand.sent.at(-1)!;
  assert.match(filePath!, /data\/outgoing\/[0-9a-f]{32}\/evil\.png$/);
  assert.equal(existsSync(filePath!), false);
  const { workspace } = gateway.running.services.turns.agents()[0]!;
  mkdirSync(workspace, { recursive: true });
  writeFileSync(join(workspace, "report.txt"), "of the workspace");
  await call("send", { ...to, idempotencyKey: "f2", mediaUrl: join(workspace, "report.txt") });
  assert.equal(seen, "of the workspace");
  for (const mediaUrl of [
    gateway.state.configPath,
    "/etc/passwd",
    join(workspace, "../openclaw.json"),
    "http://127.0.0.1/x",
  ])
    assert.equal(
      (await refusal("send", { ...to, idempotencyKey: "f3", mediaUrl })).details.code,
      "MEDIA_REFUSED",
    );
  const large = Buffer.alloc(1_000_001).toString("base64");
  assert.match((await refusal("send", { ...to, idempotencyKey: "f4", buffer: large })).message, /at most/);
});

test("outbox.list, retry and drop; messages.trace follows a message from the chat to the proof of its reply", async () => {
  const { outbox } = hand;
  const add = (key: string, runId?: string) =>
    outbox.add({
      idempotencyKey: key,
      channel: "telegram",
      accountId: "default",
      chatId: "555",
      body: key,
      runId,
    }).row.id;
  const failed = add("failed", "run-1");
  outbox.begin(failed, [{ text: "a", plain: "a" }]);
  outbox.fail(failed, { class: "forbidden", reason: "Forbidden: bot was blocked by the user" });
  const sent = add("sent", "run-2");
  outbox.begin(sent, [{ text: "a", plain: "a" }]);
  outbox.partSent(sent, "900");
  const waiting = add("waiting");
  const { messages } = await call("outbox.list");
  assert.deepEqual(
    messages.map((row: { id: string; state: string }) => [row.id, row.state]),
    [
      [waiting, "queued"],
      [sent, "sent"],
      [failed, "failed"],
    ],
  );
  assert.equal(messages[2].failure.reason, "Forbidden: bot was blocked by the user");
  assert.deepEqual(await call("outbox.retry", { id: failed }), { id: failed, was: "failed" });
  assert.equal(hand.pumped, 1);
  assert.equal(outbox.find(failed)?.state, "queued");
  assert.deepEqual(await call("outbox.drop", { id: waiting }), { id: waiting, was: "queued" });
  assert.match(
    (await refusal("outbox.drop", { id: sent })).message,
    /cannot drop the message: it has been sent/,
  );
  assert.match((await refusal("outbox.retry", { id: "nope" })).message, /unknown outbox message/);

  const { database } = gateway.running.services.turns.store;
  const { openInbox } = await import("../../src/sessions/inbound.ts");
  const { systemClock } = await import("../../src/platform/clock.ts");
  const inbox = openInbox(database, systemClock);
  const id = { channel: "telegram", accountId: "default", chatId: "555" };
  inbox.record({ ...id, messageId: "800" }, { kind: "accepted", runId: "run-2" });
  inbox.record({ ...id, messageId: "801" }, { kind: "dropped", reason: "mention required" });
  for (const key of ["800", "run-2", sent, "900"]) {
    const trace = await call("messages.trace", { id: key });
    assert.deepEqual(
      trace.inbound.map(({ messageId, fate }: { messageId: string; fate: unknown }) => [messageId, fate]),
      [["800", { kind: "accepted", runId: "run-2" }]],
      key,
    );
    assert.deepEqual(
      trace.outbound.map((row: { id: string; messageIds: string[] }) => [row.id, row.messageIds]),
      [[sent, ["900"]]],
    );
  }
  assert.deepEqual((await call("messages.trace", { id: "801" })).inbound[0].fate, {
    kind: "dropped",
    reason: "mention required",
  });
  assert.deepEqual(await call("messages.trace", { id: "nothing" }), { inbound: [], outbound: [] });
});

test("a gateway without channels answers, and loads nothing for it", async () => {
  await using plain = await openGateway();
  using reader = await connectWire(plain.port, { token: plain.token, scopes: ["operator.read"] });
  const { payload } = await reader.request("channels.status", { probe: true });
  matches(ChannelsStatusResultSchema, payload);
  assert.deepEqual([payload.channelOrder, payload.channels], [[], {}]);
  assert.deepEqual((await reader.request("outbox.list")).payload.messages, []);
  assert.equal(plain.running.services.channels.peek(), undefined);
});
