/** Signs with which chat templates of models tell one role from another (INJ-02). */
const TEMPLATE_TOKEN =
  /<\|[^|<>\n]{1,64}\|>|<\/?s>|\[\/?INST\]|<<\/?SYS>>|<\/?(?:start_of_turn|end_of_turn|system-reminder|system|assistant|tool_call|tool_response|function_calls)>|<｜[^｜<>\n]{1,64}｜>/gi;

/** Text that somebody else has written: what would look like the frame of the conversation is taken apart. */
export function withoutTemplateTokens(text: string): string {
  return text.replace(TEMPLATE_TOKEN, (token) => token.replaceAll(/[<>[\]|｜]/g, " ").trim());
}

const MAX_NAME_CHARS = 128;

/** A name or title: one line, bounded. */
export function shortName(text: string | undefined): string | undefined {
  const line = withoutTemplateTokens(text ?? "")
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();
  return line === "" ? undefined : line.slice(0, MAX_NAME_CHARS).toWellFormed();
}

const MAX_QUOTE_CHARS = 2_000;

export function quote(text: string | undefined): string | undefined {
  const said = withoutTemplateTokens(text ?? "").trim();
  return said === "" ? undefined : said.slice(0, MAX_QUOTE_CHARS).toWellFormed();
}
