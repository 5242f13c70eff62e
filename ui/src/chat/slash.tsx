import { signal } from "@preact/signals";
import { call, offers, whenFresh } from "../connect/link.ts";
import { currentAgent } from "../state/sessions.ts";
import { words } from "../words/words.ts";
import { completions, type ListedCommand, type SlashCommand, spelled } from "./slash-match.ts";

const known = signal<{ agent: string; commands: readonly SlashCommand[] } | undefined>(undefined);
let asked: string | undefined;
whenFresh(() => {
  asked = undefined;
});

/** Asks for the commands of this agent when the first slash is typed. */
export function learnCommands(): void {
  const agent = currentAgent.peek();
  if (asked === agent || !offers("commands.list")) return;
  asked = agent;
  void call<{ commands: ListedCommand[] }>("commands.list", { agentId: agent, scope: "text" })
    .then(({ commands }) => {
      known.value = { agent, commands: commands.map(spelled) };
    })
    .catch(() => {
      asked = undefined;
    });
}

export function completionsOf(draft: string): SlashCommand[] {
  return known.value?.agent === currentAgent.value ? completions(draft, known.value.commands) : [];
}

export function SlashList({
  found,
  chosen,
  take,
}: {
  found: readonly SlashCommand[];
  chosen: number;
  take(command: SlashCommand): void;
}) {
  return (
    <div id="slash" role="listbox" aria-label={words.value.chat.commands}>
      {found.map((command, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard stays in the text field, which moves through the list
        <div
          key={command.name}
          id={`slash-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === chosen}
          // The focus stays where one types.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => take(command)}
        >
          <code>{command.name}</code> <span class="fine">{command.description}</span>
        </div>
      ))}
    </div>
  );
}
