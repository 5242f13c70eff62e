import { PRODUCT_VERSION } from "../protocol/version.ts";
import { columns } from "./columns.ts";
import type { CommandEntry, GroupEntry } from "./command.ts";
import { GLOBAL_OPTIONS } from "./globals.ts";

/** What `openclaw --help` and `openclaw <group> --help` print. Made from the table: no command is loaded. */
export function groupHelp(table: readonly CommandEntry[], group: GroupEntry | undefined): string {
  const depth = group?.words.length ?? 0;
  const inside = table.filter(
    ({ words }) => words.length === depth + 1 && words.slice(0, depth).join() === (group?.words.join() ?? ""),
  );
  const list = columns(inside.map((entry) => [nameOf(entry, depth), entry.summary]));
  const lines = group ? aboutGroup(group, list) : aboutProgram(list);
  return lines.join("\n");
}

function nameOf(entry: CommandEntry, depth: number): string {
  return entry.group ? `${entry.words[depth]} …` : entry.words[depth]!;
}

function aboutProgram(list: readonly string[]): string[] {
  return [
    `OpenClaw ${PRODUCT_VERSION}: one gateway between your chats, devices and AI agents`,
    "",
    "Usage: openclaw <command> [options]",
    "",
    "Commands:",
    ...list,
    "",
    "Options of every command:",
    ...columns(GLOBAL_OPTIONS),
    "",
    "First time? openclaw start",
    "More about a command: openclaw <command> --help",
  ];
}

function aboutGroup(group: GroupEntry, list: readonly string[]): string[] {
  const name = `openclaw ${group.words.join(" ")}`;
  return [
    group.summary,
    "",
    `Usage: ${name} <command> [options]`,
    "",
    "Commands:",
    ...list,
    "",
    ...(group.default === undefined ? [] : [`Without a command: ${name} ${group.default}`]),
    `More about a command: ${name} <command> --help`,
  ];
}
