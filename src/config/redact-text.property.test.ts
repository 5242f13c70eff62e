import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../../test/kit/long.ts";
import { isRecord } from "../protocol/frames.ts";
import { penOf, writeDocument } from "./document.fixture.ts";
import { setInText } from "./edit.ts";
import { knownSpellings } from "./hide-secrets.ts";
import { parseTree, readTree } from "./json5.ts";
import { REDACTED, secretsIn } from "./redact.ts";
import { redactText } from "./redact-text.ts";
import { restoreText } from "./restore-text.ts";

const SECRETS = ["SEC-1-3f9a1c77d2", 'SEC-2-it\'s "so"', "SEC-3-\\back\nline", "SEC-4-\u2028-ü"];
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>("x", 1, 0.5, true, null, ...SECRETS, `see ${SECRETS[0]} there`),
    fc.constantFrom("https://ann:SEC-5-aaaaaa@host/x", "https://host/x"),
    fc.dictionary(fc.constantFrom("token", "name", "apiKey", "headers", "x-key", SECRETS[0]!), tie("value"), {
      noNullPrototype: true,
    }),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
})).value;
const object = fc.dictionary(fc.constantFrom("token", "a", "b", "env"), value, { noNullPrototype: true });

/** With a secret in every third comment. */
const documents = fc.tuple(object, fc.infiniteStream(fc.nat(999))).map(([content, numbers]) => {
  const text = writeDocument(content, penOf(numbers));
  return text
    .replaceAll(/\/\*(\d)\*\//g, (whole, n) => (n % 3 === 0 ? `/* ${n} ${SECRETS[0]} ${n} */` : whole))
    .replaceAll(/\/\/ c(\d)(\r?\n)/g, (whole, n, eol) =>
      n % 3 === 0 ? `// ${n} token: "old ${n}"${eol}` : whole,
    );
});

const known = knownSpellings([...SECRETS, "not there"]);

test("[CONF-08] a text that is shown without secrets and comes back is the same, byte for byte", () => {
  fc.assert(
    fc.property(documents, (text) => {
      const shown = redactText(text, known);
      for (const secret of [...known, "SEC-5-aaaaaa"]) assert.ok(!shown.includes(secret), shown);
      const spelt = secretsIn(readTree(parseTree(shown)).value).filter((secret) => secret !== REDACTED);
      assert.deepEqual(spelt, []);
      assert.deepEqual(restoreText(shown, text, known), { ok: true, text });
    }),
    { numRuns: runs(300, 1_000) },
  );
});

test("[CONF-08] an edit of the shown text is that edit of the stored one", () => {
  fc.assert(
    fc.property(documents, (text) => {
      fc.pre(isRecord(readTree(parseTree(text)).value));
      const edit = (before: string) => setInText(before, ["fresh"], { n: [1, 2] });
      const restored = restoreText(edit(redactText(text, known)), text, known);

      assert.ok(restored.ok, JSON.stringify(restored));
      assert.equal(restored.text, edit(text));
    }),
    { numRuns: runs(300, 1_000) },
  );
});
