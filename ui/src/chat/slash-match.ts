export interface SlashCommand {
  /** With the slash. */
  name: string;
  aliases: string[];
  description: string;
  acceptsArgs: boolean;
}

/** As `commands.list` has it. */
export interface ListedCommand {
  name: string;
  textAliases?: string[];
  description?: string;
  acceptsArgs?: boolean;
}

const MAX_SHOWN = 8;

export function spelled({
  name,
  textAliases = [],
  description = "",
  acceptsArgs = false,
}: ListedCommand): SlashCommand {
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
