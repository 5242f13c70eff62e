import { signal } from "@preact/signals";
import { call, offers, whenFresh } from "../connect/link.ts";
import { currentAgent } from "../state/sessions.ts";
import { words } from "../words/words.ts";

export interface SlashCommand {
  /** With the slash. */
  name: string;
  aliases: string[];
  description: string;
  acceptsArgs: boolean;
}

interface Listed {
  name: string;
  textAliases?: string[];
  description?: string;
  acceptsArgs?: boolean;
}

const MAX_SHOWN = 8;
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
  void call<{ commands: Listed[] }>("commands.list", { agentId: agent, scope: "text" })
    .then(({ commands }) => {
      known.value = { agent, commands: commands.map(spelled) };
    })
    .catch(() => {
      asked = undefined;
    });
}

function spelled({ name, textAliases = [], description = "", acceptsArgs = false }: Listed): SlashCommand {
  const [first = `/${name.replace(/^\//, "")}`, ...aliases] = textAliases;
  return { name: first, aliases, description, acceptsArgs };
}

/** The commands a draft may become; none as soon as it has more than one word. */
export function completions(draft: string, commands: readonly SlashCommand[]): SlashCommand[] {
  if (!/^\/\S*$/.test(draft)) return [];
  const typed = draft.toLowerCase();
  return commands
    .filter(({ name, aliases }) => [name, ...aliases].some((each) => each.toLowerCase().startsWith(typed)))
    .slice(0, MAX_SHOWN);
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
