import assert from "node:assert/strict";
import { systemClock } from "../platform/clock.ts";
import { createOutbound } from "../platform/outbound.ts";
import { text } from "../protocol/messages.ts";
import type { ModelCall, ModelTarget, ProviderEvent, ProviderFactory } from "./provider.ts";

export const LIST_TOOL = { name: "list", description: "list files", parameters: { type: "object" } };

export function modelCall(target: Partial<ModelTarget>, call: Partial<ModelCall> = {}): ModelCall {
  return {
    target: { provider: "p", model: "m", api: "any", baseUrl: "", apiKey: "SEC-key-provider", ...target },
    system: "be nice",
    messages: [{ role: "user", content: text("hello"), timestamp: 1 }],
    tools: [],
    ...call,
  };
}

/** All events of one call over a real connection. */
export async function askProvider(factory: ProviderFactory, call: ModelCall): Promise<ProviderEvent[]> {
  using outbound = createOutbound();
  const events: ProviderEvent[] = [];
  const provider = factory.create({ outbound, clock: systemClock });
  for await (const event of provider.call(call, new AbortController().signal)) events.push(event);
  return events;
}

/** The one finish, which has to be the last event. */
export function finishOf(events: ProviderEvent[]) {
  const finishes = events.filter((event) => event.kind === "finish");
  assert.equal(finishes.length, 1, "exactly one finish");
  assert.equal(events.at(-1), finishes[0], "the finish is last");
  return finishes[0]!;
}
