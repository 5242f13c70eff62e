import { duration, words } from "../words/words.ts";
import { CodeBlock } from "./code-block.tsx";
import type { ToolPart } from "./transcript.ts";

/** One tool call, folded: what was asked, what came back, how long it took. */
export function ToolCard({ tool }: { tool: ToolPart }) {
  const { chat } = words.value;
  const input = inputText(tool.args);
  return (
    <details class={`tool ${tool.status}`}>
      <summary>
        <span class="tool-name">{tool.name}</span>
        <span class="tool-title">{tool.title === tool.name ? brief(input) : tool.title}</span>
        <span class="fine">
          {chat.toolState[tool.status]}
          {tool.durationMs !== undefined && tool.durationMs >= 1_000 && ` · ${duration(tool.durationMs)}`}
        </span>
      </summary>
      {input !== "" && <CodeBlock label={chat.input} text={input} language="json" />}
      {tool.output !== "" && <CodeBlock label={chat.output} text={tool.output} />}
    </details>
  );
}

function inputText(args: unknown): string {
  if (args === undefined || (typeof args === "object" && args !== null && Object.keys(args).length === 0))
    return "";
  return JSON.stringify(args, null, 2);
}

function brief(input: string): string {
  return input.replace(/\s+/g, " ").slice(0, 80);
}
