/** A stretch of text and what surrounds it, outermost first. */
export interface Run {
  text: string;
  tags: readonly Tag[];
}

/** One object per element: two neighbouring links to the same place are two. */
export interface Tag {
  name: "b" | "i" | "s" | "a" | "code" | "pre" | "blockquote";
  /** Of `a`. */
  href?: string;
  /** Of `pre`. */
  language?: string;
}

/** Elements are opened and closed within the text, whatever part of a longer one it is. */
export function toHtml(runs: readonly Run[]): string {
  let html = "";
  let open: readonly Tag[] = [];
  for (const { text, tags } of [...runs, { text: "", tags: [] }]) {
    let same = 0;
    while (same < open.length && open[same] === tags[same]) same++;
    html += open.slice(same).toReversed().map(closing).join("");
    html += tags.slice(same).map(opening).join("");
    html += escaped(text);
    open = tags;
  }
  return html;
}

/** The same without markup: nothing is lost but the looks. */
export function toPlain(runs: readonly Run[]): string {
  return runs
    .map(({ text, tags }, at) => {
      const link = tags.find(({ name }) => name === "a");
      const isEnd = link && !runs[at + 1]?.tags.includes(link);
      if (!isEnd) return text;
      const label = runs
        .filter((run) => run.tags.includes(link))
        .map((run) => run.text)
        .join("");
      return label === link.href || `${label}/` === link.href ? text : `${text} (${link.href})`;
    })
    .join("");
}

function opening({ name, href, language }: Tag): string {
  if (name === "a") return `<a href="${escaped(href ?? "")}">`;
  if (name === "pre" && language) return `<pre><code class="language-${escaped(language)}">`;
  return `<${name}>`;
}

const closing = ({ name, language }: Tag): string =>
  name === "pre" && language ? "</code></pre>" : `</${name}>`;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** In Telegram's unit: what is left when the markup is taken away. */
export function visibleLength(html: string): number {
  return html.replace(/<[^>]*>/g, "").replace(/&(lt|gt|amp|quot);/g, "x").length;
}
