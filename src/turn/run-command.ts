import { NO_USAGE, text } from "../protocol/messages.ts";
import type { TypedCommand } from "../sessions/journal.ts";
import { commandNamed } from "./find-command.ts";
import type { Turn } from "./open-turn.ts";
import type { RunReport } from "./run.ts";
import type { TurnServices } from "./services.ts";

/**
 * Does what was typed and makes its answer the reply of the turn; undefined where a message follows the command, which
 * the agent answers now.
 */
export async function runCommand(
  turn: Turn,
  command: TypedCommand,
  signal: AbortSignal,
  services: TurnServices,
): Promise<RunReport | undefined> {
  const { clock, journal } = services;
  const startedAt = clock.now();
  const entry = commandNamed(command.name);
  if (command.passesOn) {
    // A message that is in the transcript already was cut off after its command was done.
    if (journal.find(turn.runId)?.attempts === 0) await answer();
    return undefined;
  }
  for (const stored of journal.begin(turn.runId, turn.session)) turn.stream.stored(stored);
  turn.stream.started(startedAt);
  const said = await answer();
  const event = { kind: "text", itemId: `${turn.runId}-command`, delta: said, text: said } as const;
  turn.stream.run(event);
  turn.message.watch?.(event);
  return {
    end: { reason: "stop", text: said, usage: NO_USAGE, steps: 0 },
    startedAt,
    target: undefined,
    abortReason: undefined,
    held: {
      role: "assistant",
      content: text(said),
      timestamp: clock.now(),
      stopReason: "stop",
      details: { kind: "command" },
    },
  };

  async function answer(): Promise<string> {
    if (!entry) return `There is no command /${command.name} any more. All of them: /help`;
    if (!command.allowed) {
      const right = turn.message.surface === "channel" ? "" : " (scope operator.admin)";
      return `/${command.name} is for the owner of this gateway${right}. Nothing was changed.`;
    }
    const { default: loaded } = await entry.load();
    return await loaded.run({ turn, args: command.args, services, signal });
  }
}
