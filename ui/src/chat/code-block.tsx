import { useMemo } from "preact/hooks";
import { CopyButton } from "../parts.tsx";
import { highlight } from "./highlight.ts";

/** Text as it is, with a name above it and a button that copies it. */
export function CodeBlock({
  label,
  text,
  language = "",
}: {
  label: string;
  text: string;
  language?: string;
}) {
  const tokens = useMemo(() => highlight(text, language), [text, language]);
  return (
    <div class="code-block">
      <div class="code-bar">
        <span>{label}</span>
        <CopyButton text={text} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>
          {tokens.map(({ kind, text: piece }, index) =>
            kind ? (
              <span key={index} class={`tok-${kind}`}>
                {piece}
              </span>
            ) : (
              piece
            ),
          )}
        </code>
      </pre>
    </div>
  );
}
