import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { setInText, unsetInText } from "./edit.ts";
import { locate, spanOf as nodeSpan, parseTree, readTree } from "./json5.ts";
import { type ConfigPath, getAt } from "./path.ts";

/** How a document is written; every choice is drawn again for every place. */
interface Pen {
  pick<Value>(values: readonly Value[]): Value;
}

const KEYS = ["a", "b", "c-d", "e f", "$g", "it's", 'q"', "1x", "ü"];
const key = fc.constantFrom(...KEYS);
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
const { value: anyValue } = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  object: fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  value: fc.oneof({ maxDepth: 3 }, leaf, tie("object"), fc.array(tie("value"), { maxLength: 4 })),
}));
const anyObject = fc.dictionary(key, anyValue, { maxKeys: 5, noNullPrototype: true });

/** A document that says the value, with comments, line ends, quotes, commas and blanks at random places. */
function write(value: unknown, pen: Pen): string {
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

const documents = fc.tuple(anyObject, fc.infiniteStream(fc.nat(999))).map(([value, numbers]) => {
  const pen: Pen = { pick: (values) => values[numbers.next().value! % values.length]! };
  return { value, text: write(value, pen) };
});

/** Some path: mostly one that exists, or one step beyond. */
function pathIn(value: unknown, choices: readonly number[]): ConfigPath {
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

const choices = fc.array(fc.nat(999), { minLength: 1, maxLength: 4 });

function applied(
  value: unknown,
  path: ConfigPath,
  change: (parent: Record<string | number, unknown>, last: string | number) => void,
): unknown {
  const copy = structuredClone(value);
  change(getAt(copy, path.slice(0, -1)) as Record<string | number, unknown>, path.at(-1)!);
  return copy;
}

const parse = (text: string) => readTree(parseTree(text)).value;

/** JSON has one zero. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

function commentsOf(text: string): string[] {
  return parseTree(text)
    .tokens!.filter((token) => token.type.endsWith("Comment"))
    .map((token) => text.slice(...nodeSpan(token)).trim());
}

/** The comments outside of what the path covers, key included. */
function commentsBeside(text: string, path: ConfigPath, covers: "member" | "value"): string[] {
  const tree = parseTree(text);
  const span = spanOf(text, path, covers);
  return tree
    .tokens!.filter(
      (token) =>
        token.type.endsWith("Comment") && !(nodeSpan(token)[0] >= span[0] && nodeSpan(token)[1] <= span[1]),
    )
    .map((token) => text.slice(...nodeSpan(token)).trim());
}

function spanOf(text: string, path: ConfigPath, covers: "member" | "value"): readonly [number, number] {
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

test("the documents of these tests say what they should", () => {
  fc.assert(
    fc.property(documents, ({ value, text }) => assert.deepEqual(plain(parse(text)), plain(value))),
    { numRuns: 300 },
  );
});

test("a text with a value set says the config with that value set, and keeps every other comment", () => {
  fc.assert(
    fc.property(documents, choices, anyValue, ({ value, text }, steps, next) => {
      const path = pathIn(value, steps);
      const edited = setInText(text, path, next);
      const want = applied(value, path, (parent, last) => {
        parent[last] = next;
      });
      assert.deepEqual(plain(parse(edited)), plain(want));
      const kept = commentsBeside(text, path, "value");
      assert.deepEqual(
        commentsOf(edited).filter((comment) => kept.includes(comment)),
        kept,
      );
    }),
    { numRuns: 1_500 },
  );
});

test("a text with a value taken away says the config without it, and keeps every other comment", () => {
  fc.assert(
    fc.property(documents, choices, ({ value, text }, steps) => {
      const path = pathIn(value, steps);
      const edited = unsetInText(text, path);
      const want = applied(value, path, (parent, last) => {
        if (Array.isArray(parent)) parent.splice(Number(last), 1);
        else delete parent[last];
      });
      assert.deepEqual(plain(parse(edited)), plain(want));
      const kept = commentsBeside(text, path, "member");
      assert.deepEqual(commentsOf(edited), kept);
    }),
    { numRuns: 1_500 },
  );
});

test("plain JSON stays plain JSON, and bytes outside of a replaced value stay", () => {
  const indents = fc.constantFrom<string | number | undefined>(undefined, 2, 4, "\t");
  fc.assert(
    fc.property(anyObject, indents, choices, anyValue, (value, indent, steps, next) => {
      const text = JSON.stringify(value, null, indent);
      const path = pathIn(value, steps);
      const edited = setInText(text, path, next);
      const want = applied(value, path, (parent, last) => {
        parent[last] = next;
      });
      assert.deepEqual(JSON.parse(edited), plain(want));
      assert.deepEqual(JSON.parse(unsetInText(edited, ["no such key"])), plain(want));
      if (getAt(value, path) === undefined) return;
      const span = spanOf(text, path, "value");
      assert.ok(edited.startsWith(text.slice(0, span[0])));
      assert.ok(edited.endsWith(text.slice(span[1])));
    }),
    { numRuns: 800 },
  );
});

test("every path of a document is found at its place", () => {
  fc.assert(
    fc.property(documents, choices, ({ value, text }, steps) => {
      const path = pathIn(value, steps);
      fc.pre(getAt(value, path) !== undefined);
      const { position, found } = locate(parseTree(text), path);
      assert.equal(found, path.length);
      const line = text.split("\n")[position.line - 1]!;
      assert.doesNotMatch(line[position.column - 1]!, /[\s,:]/);
    }),
    { numRuns: 300 },
  );
});
