import { type Block, type Inline, parseBlocks, parseInline } from "../../../src/protocol/markdown.ts";
import { Steady } from "../parts.tsx";
import { words } from "../words/words.ts";
import { CodeBlock } from "./code-block.tsx";

/** Foreign text becomes elements of a fixed set with text in them, and nothing else. */
export function Markdown({ text }: { text: string }) {
  return (
    <div class="markdown">
      {parseBlocks(text).map((block, index) => {
        // While an answer streams only its last block is drawn again. Strings cut from the text would keep all of it
        // alive, in each version it has had.
        const source = JSON.stringify(block);
        return (
          <Steady key={index} of={[source]} draw={() => <Plain block={JSON.parse(source) as Block} />} />
        );
      })}
    </div>
  );
}

function Plain({ block }: { block: Block }) {
  switch (block.kind) {
    case "paragraph":
      return (
        <p>
          <Line text={block.text} />
        </p>
      );
    case "heading": {
      // The page has the first two levels.
      const Tag = `h${Math.min(block.level + 2, 6)}` as "h3";
      return (
        <Tag>
          <Line text={block.text} />
        </Tag>
      );
    }
    case "code":
      return <CodeBlock label={block.language} text={block.text} language={block.language} />;
    case "list": {
      const items = block.items.map((item, index) => (
        <li key={index}>
          {item.map((each, at) =>
            each.kind === "paragraph" ? <Line key={at} text={each.text} /> : <Plain key={at} block={each} />,
          )}
        </li>
      ));
      return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
    }
    case "quote":
      return (
        <blockquote>
          {block.blocks.map((each, index) => (
            <Plain key={index} block={each} />
          ))}
        </blockquote>
      );
    case "table":
      return (
        <div class="table-scroll">
          <table>
            <thead>
              <tr>
                {block.head.map((cell, index) => (
                  <th key={index}>
                    <Line text={cell} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, index) => (
                <tr key={index}>
                  {row.map((cell, at) => (
                    <td key={at}>
                      <Line text={cell} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case "rule":
      return <hr />;
  }
}

function Line({ text }: { text: string }) {
  return <Inlines nodes={parseInline(text)} />;
}

function Inlines({ nodes }: { nodes: Inline[] }) {
  return (
    <>
      {nodes.map((node, index) => (
        <InlineView key={index} node={node} />
      ))}
    </>
  );
}

function InlineView({ node }: { node: Inline }) {
  switch (node.kind) {
    case "text":
      return <>{node.text}</>;
    case "code":
      return <code>{node.text}</code>;
    case "link":
      return (
        <a href={node.href} target="_blank" rel="noopener noreferrer">
          <Inlines nodes={node.children} />
        </a>
      );
    case "image":
      return (
        <a href={node.href} target="_blank" rel="noopener noreferrer">
          {words.value.imageLink(node.alt || node.href)}
        </a>
      );
    default: {
      const Tag = node.kind;
      return (
        <Tag>
          <Inlines nodes={node.children} />
        </Tag>
      );
    }
  }
}
