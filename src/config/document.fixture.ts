import fc from "fast-check";
import { spanOf as nodeSpan, parseTree } from "./json5.ts";
import { type ConfigPath, getAt } from "./path.ts";

/*
 * Random config documents for property tests: values, and texts that say them with comments, line ends, quotes, commas
 * and blanks at random places.
 */

/** How a document is written; every choice is drawn again for every place. */
export interface Pen {
  pick<Value>(values: readonly Value[]): Value;
}

export const KEYS = ["a", "b", "c-d", "e f", "$g", "it's", 'q"', "1x", "ü"];
export const key = fc.constantFrom(...KEYS);
const leaf = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.string({
    unit: fc.constantFrom("x", "'", '"', "\\", "\n", "/", "*", ",", "}", "ü", "\u2028", "\u0000"),
    maxLength: 6,
  }),
);
export const { value: anyValue } = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  object: fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  value: fc.oneof({ maxDepth: 3 }, leaf, tie("object"), fc.array(tie("value"), { maxLength: 4 })),
}));
export const anyObject = fc.dictionary(key, anyValue, { maxKeys: 5, noNullPrototype: true });

/** A document that says the value, with comments, line ends, quotes, commas and blanks at random places. */
export function writeDocument(value: unknown, pen: Pen): string {
  const eol = pen.pick(["\n", "\n", "\r\n"]);
  let comments = 0;
  const gap = (): string =>
    pen.pick([
      "",
      "",
      " ",
      "  ",
      eol,
      `${eol}  `,
      `${eol}\t`,
      `/*${comments++}*/`,
      ` // c${comments++}${eol}`,
      `${eol} /* ${comments++}${eol} */ `,
    ]);
  const text = (word: string): string => {
    if (pen.pick([true, false])) return JSON.stringify(word);
    return `'${JSON.stringify(word).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  };
  const name = (word: string) => (/^[a-z$]\w*$/.test(word) && pen.pick([true, false]) ? word : text(word));
  const join = (parts: string[]) =>
    parts.join(",") + (parts.length > 0 && pen.pick([true, false]) ? `,${gap()}` : "");
  const node = (here: unknown): string => {
    if (typeof here === "string") return text(here);
    if (Array.isArray(here)) return `[${gap()}${join(here.map((item) => gap() + node(item) + gap()))}]`;
    if (typeof here !== "object" || here === null) return JSON.stringify(here);
    const members = Object.entries(here).map(
      ([k, child]) => `${gap()}${name(k)}${gap()}:${gap()}${node(child)}${gap()}`,
    );
    return `{${gap()}${join(members)}}`;
  };
  return `${pen.pick(["", "\ufeff"])}${gap()}${node(value)}${gap()}`;
}

/** Draws from a stream of numbers, so that a failing document shrinks. */
export function penOf(numbers: Iterator<number>): Pen {
  return { pick: (values) => values[numbers.next().value! % values.length]! };
}

/** Some path: mostly one that exists, or one step beyond. */
export function pathIn(value: unknown, choices: readonly number[]): ConfigPath {
  const path: (string | number)[] = [];
  let here = value;
  for (const choice of choices) {
    if (Array.isArray(here)) path.push(choice % (here.length + 1));
    else if (typeof here === "object" && here !== null) {
      const keys = [...Object.keys(here), KEYS[choice % KEYS.length]!];
      path.push(keys[choice % keys.length]!);
    } else break;
    here = getAt(here, [path.at(-1)!]);
  }
  return path;
}

/** JSON has one zero. */
export const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

export function commentsOf(text: string): string[] {
  return parseTree(text)
    .tokens!.filter((token) => token.type.endsWith("Comment"))
    .map((token) => text.slice(...nodeSpan(token)).trim());
}

/** The comments outside of what the path covers, key included. */
export function commentsBeside(text: string, path: ConfigPath, covers: "member" | "value"): string[] {
  const tree = parseTree(text);
  const span = spanOf(text, path, covers);
  return tree
    .tokens!.filter(
      (token) =>
        token.type.endsWith("Comment") && !(nodeSpan(token)[0] >= span[0] && nodeSpan(token)[1] <= span[1]),
    )
    .map((token) => text.slice(...nodeSpan(token)).trim());
}

export function spanOf(
  text: string,
  path: ConfigPath,
  covers: "member" | "value",
): readonly [number, number] {
  let node = parseTree(text).body;
  let span = nodeSpan(node);
  for (const segment of path) {
    if (node.type === "Object") {
      const member = node.members.findLast(
        ({ name }) => (name.type === "String" ? name.value : name.name) === segment,
      );
      if (!member) return [0, 0];
      span = covers === "member" ? nodeSpan(member) : nodeSpan(member.value);
      node = member.value;
    } else if (node.type === "Array") {
      const element = node.elements[Number(segment)];
      if (!element) return [0, 0];
      node = element.value;
      span = nodeSpan(node);
    } else return [0, 0];
  }
  return span;
}
