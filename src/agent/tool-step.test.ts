import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { systemClock } from "../platform/clock.ts";
import { type TranscriptMessage, textOf } from "../protocol/messages.ts";
import { watchAbort } from "./abort.ts";
import { openCooldowns } from "./cooldowns.ts";
import type { PendingCall } from "./provider.ts";
import type { RunEvent, RunInput } from "./run.ts";
import { type AnyTool, defineTool } from "./tool.ts";
import { runTools } from "./tool-step.ts";
import { openWindows } from "./window.ts";

function tool(name: string, effect: AnyTool["effect"], run: AnyTool["run"]): AnyTool {
  return defineTool({
    name,
    description: name,
    title: () => `${name} it`,
    kind: "other",
    effect,
    input: v.object({ path: v.optional(v.string(), "") }),
    parameters: { type: "object" },
    run,
  });
}

function call(name: string, input: Record<string, unknown> = {}, invalid?: string): PendingCall {
  return { id: `${name}-1`, name, input, ...(invalid && { invalid }) };
}

async function runAll(tools: AnyTool[], calls: PendingCall[]) {
  const events: RunEvent[] = [];
  const { signal } = new AbortController();
  const input: RunInput = {
    runId: "run",
    sessionKey: "agent:main:main",
    agentId: "main",
    workspace: "/w",
    system: "",
    history: [],
    candidates: [
      {
        target: { provider: "p", model: "m", api: "none", baseUrl: "" },
        provider: { api: "none", call: () => assert.fail("no model call belongs here") },
      },
    ],
    cooldowns: openCooldowns(systemClock),
    windows: openWindows(),
    tools,
    childEnv: { PATH: "/bin" },
    signal,
    clock: systemClock,
    maxSteps: 1,
    takeSteered: () => [],
    onEvent: (event) => events.push(event),
  };
  using abort = watchAbort(signal);
  return { events, ...(await runTools(input, calls, abort)) };
}

test("a tool gets its parsed input and its surroundings; what it does is told in order", async () => {
  let given: unknown;
  const look = tool("look", "external", async (input, context) => {
    given = {
      input,
      workspace: context.workspace,
      childEnv: context.childEnv,
      toolCallId: context.toolCallId,
    };
    context.progress("half");
    return { text: "seen", details: { count: 3 } };
  });
  const { events, results, effects } = await runAll([look], [call("look", { path: "x", extra: 1 })]);
  assert.deepEqual(given, {
    input: { path: "x" },
    workspace: "/w",
    childEnv: { PATH: "/bin" },
    toolCallId: "look-1",
  });
  assert.deepEqual(
    events.map((event) => event.kind),
    ["tool-start", "tool-update", "tool-end", "message"],
  );
  assert.equal(events[0]?.kind === "tool-start" && events[0].title, "look it");
  assert.deepEqual([results[0]?.details, effects], [{ count: 3 }, true]);
});

const FAILING: { name: string; made: PendingCall; reads: RegExp }[] = [
  { name: "an unknown tool", made: call("fly"), reads: /no tool "fly".*Available: look/ },
  { name: "invalid input", made: call("look", { path: 7 }), reads: /Invalid input for look: path: .*string/ },
  {
    name: "unreadable arguments",
    made: call("look", {}, "Unexpected end"),
    reads: /could not be read: Unexpected end/,
  },
  { name: "a tool that throws", made: call("look", { path: "x" }), reads: /^broken$/ },
];
for (const { name, made, reads } of FAILING) {
  test(`${name} is a failed result the model can read`, async () => {
    const look = tool("look", "none", () => Promise.reject(new Error("broken")));
    const { results, effects } = await runAll([look], [made]);
    const [result] = results as [TranscriptMessage];
    assert.deepEqual(
      [result.role, result.isError, result.toolCallId, effects],
      ["toolResult", true, made.id, false],
    );
    assert.match(textOf(result), reads);
  });
}

const EFFECTS = [
  { name: "tools without effect run together", second: "none", peak: 2 },
  {
    name: "one external effect makes the calls of a message run one after another",
    second: "external",
    peak: 1,
  },
] as const;
for (const { name, second, peak } of EFFECTS) {
  test(name, async () => {
    let running = 0;
    let most = 0;
    const run = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return { text: "" };
    };
    await runAll([tool("a", "none", run), tool("b", second, run)], [call("a"), call("b")]);
    assert.equal(most, peak);
  });
}

test("tool output is cut in the middle at 64 KiB", async () => {
  const big = tool("big", "none", async () => ({ text: `start${"x".repeat(100_000)}end` }));
  const { results } = await runAll([big], [call("big")]);
  const output = textOf(results[0]!);
  assert.ok(Buffer.byteLength(output) <= 64 * 1024);
  assert.match(output, /^startx+\n\[… \d+ bytes left out …\]\nx+end$/);
});
