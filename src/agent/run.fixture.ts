import assert from "node:assert/strict";
import * as v from "valibot";
import { systemClock } from "../platform/clock.ts";
import { type TranscriptMessage, text, type Usage } from "../protocol/messages.ts";
import { openCooldowns } from "./cooldowns.ts";
import { type RunEvent, type RunInput, runAgent } from "./loop.ts";
import type { ModelCall, Provider, ProviderEvent } from "./provider.ts";
import { type AnyTool, defineTool } from "./tool.ts";
import { openWindows } from "./window.ts";

export const USAGE: Usage = { input: 3, output: 2, cacheRead: 0, cacheWrite: 0, totalTokens: 5 };
export const STOP: ProviderEvent = { kind: "finish", reason: "stop" };

export function say(...deltas: string[]): ProviderEvent[] {
  return [
    ...deltas.map((delta) => ({ kind: "text" as const, delta })),
    { kind: "usage", usage: USAGE },
    STOP,
  ];
}

export function calls(...made: [name: string, input: Record<string, unknown>][]): ProviderEvent[] {
  const events = made.map(([name, input], index) => ({
    kind: "tool-call" as const,
    id: `c${index}`,
    name,
    input,
  }));
  return [...events, { kind: "finish", reason: "tool-calls" }];
}

export type Script =
  | ProviderEvent[]
  | ((call: ModelCall, signal: AbortSignal) => AsyncIterable<ProviderEvent>);

export function scripted(...scripts: Script[]): Provider & { calls: ModelCall[] } {
  const seen: ModelCall[] = [];
  return {
    api: "scripted",
    calls: seen,
    call(call, signal) {
      const script = scripts[seen.length];
      seen.push({ ...call, messages: [...call.messages] });
      assert.ok(script, `call ${seen.length} was not expected`);
      return typeof script === "function" ? script(call, signal) : from(script);
    },
  };
}

export async function* from(events: ProviderEvent[]): AsyncGenerator<ProviderEvent> {
  yield* events;
}

export function tool(name: string, effect: AnyTool["effect"], run: AnyTool["run"]): AnyTool {
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

export function user(words: string): TranscriptMessage {
  return { role: "user", content: text(words), timestamp: 1 };
}

export function started(provider: Provider, options: Partial<RunInput> = {}) {
  const events: RunEvent[] = [];
  const input: RunInput = {
    runId: "run",
    sessionKey: "agent:main:main",
    agentId: "main",
    workspace: "/w",
    system: "be nice",
    history: [user("hello")],
    candidates: [{ target: { provider: "p", model: "m", api: "scripted", baseUrl: "" }, provider }],
    cooldowns: openCooldowns(systemClock),
    windows: openWindows(),
    tools: [],
    childEnv: {},
    signal: new AbortController().signal,
    clock: systemClock,
    maxSteps: 40,
    takeSteered: () => [],
    ...options,
    onEvent(event) {
      events.push(event);
      options.onEvent?.(event);
    },
  };
  return { events, end: runAgent(input) };
}

export function messagesIn(events: RunEvent[]): TranscriptMessage[] {
  return events.flatMap((event) => (event.kind === "message" ? [event.message] : []));
}
