import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../../test/kit/long.ts";
import {
  anyObject,
  anyValue,
  commentsBeside,
  commentsOf,
  pathIn,
  penOf,
  plain,
  spanOf,
  writeDocument,
} from "./document.fixture.ts";
import { setInText, unsetInText } from "./edit.ts";
import { locate, parseTree, readTree } from "./json5.ts";
import { type ConfigPath, getAt } from "./path.ts";

const documents = fc.tuple(anyObject, fc.infiniteStream(fc.nat(999))).map(([value, numbers]) => {
  return { value, text: writeDocument(value, penOf(numbers)) };
});

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

test("the documents of these tests say what they should", () => {
  fc.assert(
    fc.property(documents, ({ value, text }) => assert.deepEqual(plain(parse(text)), plain(value))),
    { numRuns: runs(150, 300) },
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
    { numRuns: runs(400, 1_500) },
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
    { numRuns: runs(400, 1_500) },
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
    { numRuns: runs(250, 800) },
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
    { numRuns: runs(150, 300) },
  );
});
