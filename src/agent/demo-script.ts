import { type TranscriptMessage, textOf } from "../protocol/messages.ts";

export type DemoAnswer =
  | { kind: "text"; text: string }
  | { kind: "tool-call"; name: string; input: Record<string, unknown> };

interface Instruction {
  tool: string;
  usage: string;
  /** Groups are what `input` gets. */
  pattern: RegExp;
  input(groups: (string | undefined)[]): Record<string, unknown>;
}

const INSTRUCTIONS: readonly Instruction[] = [
  {
    tool: "list",
    usage: '"list files" or "list files in FOLDER"',
    pattern: /^(?:please )?(?:list|show)(?: (?:me )?(?:all |my |the )*files)(?: in (.+?))?[.!?]?$/i,
    input: ([path]) => (path ? { path } : {}),
  },
  {
    tool: "read",
    usage: '"read FILE"',
    pattern: /^(?:please )?read (?:the file )?(\S.*?)$/i,
    input: ([path]) => ({ path }),
  },
  {
    tool: "write",
    usage: '"write FILE: TEXT"',
    pattern: /^(?:please )?write ([^:\n]+): ?([\s\S]+)$/i,
    input: ([path, content]) => ({ path: path?.trim(), content: `${content}\n` }),
  },
  {
    tool: "exec",
    usage: '"run COMMAND"',
    pattern: /^(?:please )?run ([\s\S]+)$/i,
    input: ([command]) => ({ command }),
  },
];

/** How the gateway asks for the record of a conversation. */
const SUMMARISE = /^Summarise the conversation\.\n/;
const SAY_WORDS = /^say (\d{1,6}) words?\.?$/i;
const MAX_WORDS = 20_000;
const WORDS = ["one", "small", "lobster", "walks", "along", "the", "quiet", "shore", "and", "waves"];
const MAX_QUOTE_CHARS = 200;
const MAX_ANSWER_CHARS = 4_000;

/** What the demo does with a message of its user. Pure. */
export function answerToWords(message: string, toolNames: readonly string[]): DemoAnswer {
  const said = message.trim();
  if (SUMMARISE.test(said)) return { kind: "text", text: summarise(said) };
  const words = SAY_WORDS.exec(said)?.[1];
  if (words) return { kind: "text", text: sayWords(Number(words)) };

  const offered = INSTRUCTIONS.filter(({ tool }) => toolNames.includes(tool));
  for (const { tool, pattern, input } of offered) {
    const match = pattern.exec(said);
    if (match) return { kind: "tool-call", name: tool, input: input(match.slice(1)) };
  }
  return { kind: "text", text: explain(said, offered) };
}

/** What the demo says once its tools have run. Pure. */
export function answerToResults(results: readonly TranscriptMessage[]): string {
  return results.map(describe).join("\n\n");
}

function describe(result: TranscriptMessage): string {
  const output = textOf(result).trim();
  const shown = output.length > MAX_ANSWER_CHARS ? `${output.slice(0, MAX_ANSWER_CHARS)}\n[…]` : output;
  if (result.isError) return `That did not work: ${shown}`;
  switch (result.toolName) {
    case "list":
      return describeList(shown);
    case "read":
      return `It says:\n\n${shown}`;
    case "exec":
      return `The command printed:\n\n${shown}`;
    default:
      return `Done. ${shown}`;
  }
}

function describeList(output: string): string {
  const lines = output.split("\n").filter((line) => line !== "" && !line.startsWith("["));
  if (lines.length === 0 || output === "(empty)") return "There are no files here.";
  const files = lines.filter((line) => !line.endsWith("/")).length;
  const folders = lines.length - files;
  const count = [files > 0 && plural(files, "file"), folders > 0 && plural(folders, "folder")];
  return `${count.filter(Boolean).join(" and ")}:\n\n${output}`;
}

function explain(said: string, offered: readonly Instruction[]): string {
  const quote = said.length > MAX_QUOTE_CHARS ? `${said.slice(0, MAX_QUOTE_CHARS)}…` : said;
  const heard = quote === "" ? "You sent no text." : `You said: "${quote}".`;
  const known = [...offered.map(({ usage }) => usage), '"say 20 words"'].join(", ");
  return (
    `${heard} I am the built-in demo, not a language model, so I cannot think about that; ` +
    "a real model would read it now and answer here, with tools where they help. " +
    `What I can do, by real tool calls: ${known}. ` +
    "To talk to a real model: openclaw config set agents.defaults.model.primary <provider>/<model>"
  );
}

/** What the person said, as far as a few lines go: a demo cannot tell what matters. */
function summarise(asked: string): string {
  const said = [...asked.matchAll(/^Person: (.{1,80})/gm)].map(([, words]) => `- ${words}`);
  return ["The person said:", ...said.slice(-10)].join("\n");
}

function sayWords(count: number): string {
  const words: string[] = [];
  for (let index = 0; index < Math.min(count, MAX_WORDS); index++) words.push(WORDS[index % WORDS.length]!);
  return words.join(" ");
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
