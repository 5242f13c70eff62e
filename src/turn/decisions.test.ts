import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfiguredAgent } from "../config/agents.ts";
import type { TurnRecord } from "../sessions/journal.ts";
import { admit, type Gate, MAX_TEXT_CHARS } from "./admit.ts";
import type { InboundMessage } from "./message.ts";
import { decideRecovery } from "./recover.ts";
import { resolveRoute } from "./route.ts";

const message = (change: Partial<InboundMessage> = {}): InboundMessage => ({
  surface: "chat.send",
  runId: "r",
  sessionKey: "main",
  agentId: undefined,
  text: "hello",
  images: [],
  queueMode: "followup",
  model: undefined,
  extraSystemPrompt: undefined,
  originConnId: undefined,
  resumable: true,
  ...change,
});

const open: Gate = { shuttingDown: false, openTurns: 0, memoryShort: false, maxOpenTurns: 10 };
const image = { type: "image", data: "AA==", mimeType: "image/png" } as const;

const ADMISSIONS = [
  { name: "an ordinary message is admitted", message: message(), gate: open, want: undefined },
  {
    name: "an image alone is a message",
    message: message({ text: "", images: [image] }),
    gate: open,
    want: undefined,
  },
  { name: "white space is no message", message: message({ text: " \n" }), gate: open, want: "empty" },
  {
    name: "a novel is too large",
    message: message({ text: "x".repeat(MAX_TEXT_CHARS + 1) }),
    gate: open,
    want: "too-large",
  },
  {
    name: "nothing is admitted while stopping",
    message: message(),
    gate: { ...open, shuttingDown: true },
    want: "shutting-down",
  },
  {
    name: "nothing is admitted while memory is short",
    message: message(),
    gate: { ...open, memoryShort: true },
    want: "memory-pressure",
  },
  { name: "a full house says so", message: message(), gate: { ...open, openTurns: 10 }, want: "queue-full" },
] as const;
for (const { name, message, gate, want } of ADMISSIONS) {
  test(name, () => assert.equal(admit(message, gate)?.reason, want));
}

const agent = (id: string, isDefault: boolean): ConfiguredAgent => ({
  id,
  isDefault,
  workspace: `/w/${id}`,
  settings: {},
  compaction: {},
  budget: {},
  budgetPath: `agents.entries.${id}.budget`,
});
const agents = [agent("main", true), agent("work", false)];

const ROUTES = [
  { name: "a short key belongs to the default agent", message: message(), want: "agent:main:main" },
  {
    name: "a named agent takes the short key",
    message: message({ agentId: "work" }),
    want: "agent:work:main",
  },
  {
    name: "a full key names its agent",
    message: message({ sessionKey: "agent:work:lab" }),
    want: "agent:work:lab",
  },
  {
    name: "agent and key must agree",
    message: message({ sessionKey: "agent:work:lab", agentId: "main" }),
    want: "bad-session-key",
  },
  {
    name: "an agent that is gone",
    message: message({ sessionKey: "agent:nobody:main" }),
    want: "unknown-agent",
  },
  { name: "spaces make no key", message: message({ sessionKey: "a b" }), want: "bad-session-key" },
  {
    name: "HTTP may not use the gateway's own namespaces",
    message: message({ surface: "http", sessionKey: "cron:1" }),
    want: "reserved-session-key",
  },
] as const;
for (const { name, message, want } of ROUTES) {
  test(`route: ${name}`, () => {
    const route = resolveRoute(message, agents);
    assert.equal(route.kind === "routed" ? route.key.text : route.reason, want);
  });
}

const record = (change: Partial<TurnRecord>): TurnRecord => ({
  runId: "r",
  sessionKey: "agent:main:main",
  state: "running",
  request: { surface: "chat.send", content: [], resumable: true },
  effects: false,
  attempts: 1,
  acceptedAt: 0,
  ...change,
});

const RECOVERIES = [
  {
    name: "an accepted turn runs after the restart",
    record: record({ state: "accepted", attempts: 0 }),
    want: "resume",
  },
  { name: "a running turn without effects runs again", record: record({}), want: "resume" },
  {
    name: "a turn that changed something is never repeated",
    record: record({ effects: true }),
    want: "interrupt",
  },
  {
    name: "a poison turn is set aside after three attempts",
    record: record({ attempts: 3 }),
    want: "interrupt",
  },
  {
    name: "an HTTP caller is gone",
    record: record({ request: { surface: "http", content: [], resumable: false } }),
    want: "interrupt",
  },
] as const;
for (const { name, record, want } of RECOVERIES) {
  test(`recovery: ${name}`, () => assert.equal(decideRecovery(record).kind, want));
}
