import { columns } from "./columns.ts";
import { type AnyCommand, type OptionSpec, optionsOf } from "./command.ts";
import { kebab } from "./kebab.ts";

/** What `openclaw <command> --help` prints. */
export function commandHelp(command: AnyCommand, words: readonly string[]): string {
  const positionals = Object.entries(command.positionals);
  const usage = [
    "openclaw",
    ...words,
    ...positionals.map(([name, { optional }]) => placeholder(name, optional)),
  ];
  const lines = [command.summary, "", `Usage: ${usage.join(" ")} [options]`];
  if (command.description) lines.push("", ...command.description);
  if (positionals.length > 0) {
    const rows = positionals.map(([name, { summary }]) => [`<${name}>`, summary] as const);
    lines.push("", "Arguments:", ...columns(rows));
  }
  for (const [title, options] of bySection(command)) {
    lines.push("", `${title}:`, ...columns(options.map(([name, spec]) => [typed(name, spec), about(spec)])));
  }
  if (command.examples) lines.push("", "Examples:", ...command.examples.map((line) => `  ${line}`));
  lines.push("", "Options of every command: openclaw --help");
  return lines.join("\n");
}

type Named = [name: string, spec: OptionSpec];

/** The command's own options first. */
function bySection(command: AnyCommand): Map<string, Named[]> {
  const sections = new Map<string, Named[]>();
  const options = Object.entries(optionsOf(command));
  options.sort(([, a], [, b]) => Number(a.section !== undefined) - Number(b.section !== undefined));
  for (const [name, spec] of options) {
    const title = spec.section ?? "Options";
    sections.set(title, [...(sections.get(title) ?? []), [name, spec]]);
  }
  return sections;
}

function placeholder(name: string, optional: boolean | undefined): string {
  return optional ? `[<${name}>]` : `<${name}>`;
}

function typed(name: string, spec: OptionSpec): string {
  const short = spec.alias ? `-${spec.alias}, ` : "";
  const others = (spec.otherNames ?? []).map((other) => `, --${other}`).join("");
  return `${short}--${kebab(name)}${others}${value(spec)}`;
}

function value(spec: OptionSpec): string {
  switch (spec.type) {
    case "boolean":
      return "";
    case "choice":
      return ` <${spec.placeholder ?? spec.values.join("|")}>`;
    case "number":
      return ` <${spec.placeholder ?? "number"}>`;
    case "duration":
      return ` <${spec.placeholder ?? "duration"}>`;
    case "string":
      return ` <${spec.placeholder ?? "text"}>`;
  }
}

function about(spec: OptionSpec): string {
  return "required" in spec && spec.required ? `${spec.summary} (required)` : spec.summary;
}
