import type { Picture } from "./transcript.ts";

/** What goes along with a message. The text of a file becomes part of the message; models read nothing else of it. */
export type Attachment =
  | ({ kind: "image"; id: number; name: string } & Picture)
  | { kind: "text"; id: number; name: string; text: string };

/** The words with the files behind them, each in a fence that nothing in it closes. */
export function withFiles(words: string, attachments: readonly Attachment[]): string {
  const files = attachments.flatMap((each) => (each.kind === "text" ? [each] : []));
  const blocks = files.map(({ name, text }) => {
    const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
    const fence = "`".repeat(longest + 1);
    const language = /\.(\w{1,10})$/.exec(name)?.[1] ?? "";
    return `${name}:\n${fence}${language}\n${text.replace(/\n$/, "")}\n${fence}`;
  });
  return [words, ...blocks].filter((each) => each !== "").join("\n\n");
}
