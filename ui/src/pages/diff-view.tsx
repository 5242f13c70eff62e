import type { DiffLine } from "./line-diff.ts";

const MARKS = { same: " ", removed: "-", added: "+" };

export function Diff({ id, lines }: { id?: string; lines: readonly DiffLine[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre id={id} class="diff" tabIndex={0}>
      {lines.map(({ kind, text }, index) => (
        <span key={index} class={kind}>{`${MARKS[kind]} ${text}\n`}</span>
      ))}
    </pre>
  );
}
