import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "../../config/schema.ts";
import { admitChat } from "../../turn/chat/admit.ts";
import { chatPolicy } from "../../turn/chat/policy.ts";
import type { InboundMessage } from "../inbound.ts";
import { senderProblem } from "./sender-entry.ts";

function message(id: string, nick: string): InboundMessage {
  const sender = { id, name: nick, username: nick, isBot: false };
  const chat = { id, kind: "direct" as const };
  return { messageId: "1", chat, sender, text: "hi", mentionsUs: false, attachments: [], sentAtMs: 0 };
}

const ENTRIES = [
  { entry: "account:alice", problem: undefined },
  { entry: "irc:account:alice", problem: undefined },
  { entry: "alice!~a@host.example", problem: undefined },
  { entry: "*", problem: undefined },
  { entry: "alice", problem: /"alice" is a nick; anybody can take it/, instead: "account:alice" },
  { entry: "Account:Alice", problem: /is no nick!user@host/ },
  { entry: "account:Alice", problem: /has capitals/, instead: "account:alice" },
  { entry: "Alice!~A@Host.Example", problem: /has capitals/, instead: "alice!~a@host.example" },
  { entry: "*!*@host.example", problem: /wildcards/, instead: "*!*@host.example" },
  { entry: "alice!~a", problem: /is no nick!user@host/ },
  { entry: "user:alice", problem: /is no nick!user@host/ },
] as const;
for (const { entry, problem, ...row } of ENTRIES) {
  test(`allow list entry ${entry}: ${problem ? "told" : "fine"}`, () => {
    const found = senderProblem(entry);
    if (!problem) return assert.equal(found, undefined);
    assert.match(found?.what ?? "", problem);
    if ("instead" in row) assert.equal(found?.instead, row.instead);
  });
}

const ADMITTED = [
  {
    name: "the account, whatever the nick",
    allowFrom: ["account:alice"],
    id: "account:alice",
    nick: "somebody",
    want: "admitted",
  },
  { name: "the mask", allowFrom: ["alice!~a@home"], id: "alice!~a@home", nick: "alice", want: "admitted" },
  {
    name: "a stranger with her nick",
    allowFrom: ["alice", "account:alice", "alice!~a@home"],
    id: "alice!~x@elsewhere",
    nick: "alice",
    want: "dropped",
  },
  {
    name: "another account with her nick",
    allowFrom: ["alice", "account:alice"],
    id: "account:mallory",
    nick: "alice",
    want: "dropped",
  },
  {
    name: "a bare nick is nobody",
    allowFrom: ["alice"],
    id: "alice!~a@home",
    nick: "alice",
    want: "dropped",
  },
] as const;
for (const { name, allowFrom, id, nick, want } of ADMITTED) {
  test(`who is let in by allowFrom: ${name} [CHAN-02]`, () => {
    const config: Config = { channels: { irc: { dmPolicy: "allowlist", allowFrom: [...allowFrom] } } };
    const facts = { isPaired: false, isOwner: false };
    assert.equal(admitChat(message(id, nick), chatPolicy(config, "irc", "default"), facts).kind, want);
  });
}
