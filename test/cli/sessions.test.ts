import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { runHere } from "../kit/command.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway({ config: { agents: { defaults: { model: "demo/echo" } } } });
});
after(() => gateway[Symbol.asyncDispose]());

const openclaw = (...line: string[]) => runHere(line, gateway.state);
const agent = (message: string, ...more: string[]) => openclaw("agent", "-m", message, "--json", ...more);
const shown = async (name: string) => JSON.parse((await openclaw("sessions", "show", name, "--json")).stdout);

test("agent: a model and a depth of thought for one message, and what cannot be used is said", async () => {
  const chosen = JSON.parse(
    (await agent("say 1 word", "--session", "chosen", "--model", "demo/other")).stdout,
  );
  assert.equal(chosen.result.meta.agentMeta.model, "other");
  const failed = await agent("hi", "--session", "chosen", "--model", "nobody/x", "--thinking", "high");
  assert.equal(failed.code, 1);
  assert.match(JSON.parse(failed.stdout).error, /unknown model provider "nobody"/);
  assert.equal((await openclaw("agent", "-m", "hi", "--thinking", "hard")).code, 2);
});

test("sessions: listed, shown, found by part of the id, exported, deleted; each mistake says the way out", async () => {
  await agent("read AGENTS.md", "--session", "work");
  await agent("say 2 words", "--session", "work");
  const list = await openclaw("sessions");
  assert.match(list.stdout, /^Key +Used +State +Name\nagent:main:work +just now +done +read AGENTS\.md$/m);
  assert.match((await openclaw("sessions", "list", "--search", "nothing")).stdout, /^No conversations\.$/m);
  assert.match((await openclaw("sessions", "list", "--limit", "1")).stderr, /1 of \d, *|1 of \d;/);

  const page = await shown("work");
  assert.equal((await shown(page.sessionId.slice(0, 8))).sessionKey, "agent:main:work");
  const text = (await openclaw("sessions", "show", "work", "--limit", "2")).stdout;
  assert.match(text, /^Key +agent:main:work$/m);
  assert.match(text, /^user {2}.*\nsay 2 words$/m);
  const missing = await openclaw("sessions", "show", "nobody");
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /no conversation "nobody"[\s\S]*fix: openclaw sessions list/);

  const lines = (await openclaw("sessions", "export", "work")).stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ type, role }) => role ?? type),
    ["session", "user", "assistant", "toolResult", "assistant", "user", "assistant"],
  );
  const file = join(gateway.state.dir, "work.md");
  const written = await openclaw("sessions", "export", "work", "--format", "markdown", "-o", file);
  assert.match(written.stderr, /^6 messages of agent:main:work are in /);
  assert.match(readFileSync(file, "utf8"), /^# read AGENTS\.md\n\n## user, .*\n\nread AGENTS\.md\n/);
  const again = await openclaw("sessions", "export", "work", "-o", file);
  assert.deepEqual([again.code, /not overwritten/.test(again.stderr)], [1, true]);

  assert.match(
    (await openclaw("sessions", "compact", "work")).stdout,
    /^Compacted agent:main:work: about \d+ tokens/,
  );
  const unasked = await openclaw("sessions", "delete", "work");
  assert.deepEqual([unasked.code, /--yes/.test(unasked.stderr)], [1, true]);
  const deleted = await openclaw("sessions", "delete", "work", "--yes", "--keep-transcript");
  const [, kept] = /Its messages are in (.*)/.exec(deleted.stdout)!;
  assert.ok(existsSync(kept!));
  assert.equal((await openclaw("sessions", "show", "work")).code, 1);
});

test("explain: the way of a run, of a message, of one put there, and of a message that was not taken", async () => {
  const { runId } = JSON.parse((await agent("list files", "--session", "way")).stdout);
  const steps = async (id: string) => {
    const { code, stdout } = await openclaw("explain", id, "--json");
    assert.equal(code, 0, id);
    return JSON.parse(stdout);
  };
  const trail = await steps(runId);
  assert.deepEqual(
    trail.steps.map(({ step, outcome }: { step: string; outcome: string }) => `${step} ${outcome}`),
    [
      ...["received agent", "gate accepted", "queue began", "model ok", "tool called", "tool ok", "model ok"],
      ...["result ok", "receipt stored"],
    ],
  );
  const last = (await shown("way")).messages.at(-1).__openclaw.id;
  assert.equal((await steps(last)).runId, runId);
  const text = (await openclaw("explain", runId)).stdout;
  assert.match(text, /^ +\+\d+ ms {2}model ok +demo\/echo; /m);
  assert.doesNotMatch(text, /list files/, "what a person wrote is not repeated");

  const { turns } = gateway.running.services;
  turns.log.info("message dropped (queue-full)", { turnId: "dropped-1", step: "admit", outcome: "dropped" });
  const dropped = await steps("dropped-1");
  assert.deepEqual([dropped.state, dropped.steps[0].outcome], ["dropped", "dropped"]);
  assert.equal((await openclaw("explain", "no-such-run-1")).code, 1);
});

test("infer: one bare call, on the bill; a failure is data and words, exit code 1", async () => {
  const good = await openclaw("infer", "model", "run", "--prompt", "say 3 words", "--json");
  assert.equal(good.code, 0);
  const answer = JSON.parse(good.stdout);
  assert.deepEqual([answer.ok, answer.outputs.length, answer.provider], [true, 1, "demo"]);
  const billed = gateway.running.services.turns.modelCalls.sums({ from: 0, to: Date.now() + 1 }, "session");
  assert.ok(billed.some(({ name }) => name.startsWith("agent:main:openai:")));

  const bad = await openclaw("infer", "model", "run", "--model", "nobody/x", "--prompt", "hi", "--json");
  assert.equal(bad.code, 1);
  assert.equal(JSON.parse(bad.stdout).ok, false);
  assert.match(
    bad.stderr,
    /model call failed: unknown model provider "nobody"[\s\S]*fix: openclaw config set/,
  );
  const vectors = await openclaw("infer", "embedding", "--text", "hi");
  assert.equal(vectors.code, 1);
  assert.match(vectors.stderr, /no model for embeddings/);
  assert.match((await openclaw("usage")).stdout, /^Day +calls/m);
  assert.match((await openclaw("infer", "model", "list", "--all")).stdout, /^demo\/echo .*ready$/m);
});
