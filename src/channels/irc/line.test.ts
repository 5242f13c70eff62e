import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { buildLine, parseLine } from "./line.ts";
import { splitLines } from "./lines.ts";
import { foldName, isTarget } from "./names.ts";

test("a line with everything in it", () => {
  const line = parseLine(
    "@time=2026-01-05T12:00:00.000Z;account=ann;+x=a\\sb\\:\\\\ :ann!~a@host.example  PRIVMSG #room :hi  there :)",
  );
  assert.deepEqual(line, {
    tags: Object.assign(Object.create(null), {
      time: "2026-01-05T12:00:00.000Z",
      account: "ann",
      "+x": "a b;\\",
    }),
    prefix: "ann!~a@host.example",
    nick: "ann",
    user: "~a",
    host: "host.example",
    command: "PRIVMSG",
    params: ["#room", "hi  there :)"],
  });
});

const LINES = [
  ["PING :a b", "PING", ["a b"]],
  ["ping x", "PING", ["x"]],
  [":irc.test 005 bot A=1 B :are supported", "005", ["bot", "A=1", "B", "are supported"]],
  [":s TOPIC #a :", "TOPIC", ["#a", ""]],
  [":s CMD a:b :c", "CMD", ["a:b", "c"]],
] as const;
for (const [text, command, params] of LINES) {
  test(`read: ${text}`, () => {
    const line = parseLine(text);
    assert.equal(line?.command, command);
    assert.deepEqual(line?.params, params);
  });
}

for (const text of ["", " ", ":", "@", ":only", "@a=b", "12 x", "PRIV-MSG x"])
  test(`no line: ${JSON.stringify(text)}`, () => assert.equal(parseLine(text), undefined));

test("whatever is said stays one line of one command, and is read as it was said", () => {
  const anything = fc.string({ unit: "binary", minLength: 1 });
  fc.assert(
    fc.property(anything, (text) => {
      const line = buildLine("PRIVMSG", ["#room", text]);
      assert.ok(!/[\r\n\0]/.test(line));
      assert.deepEqual(parseLine(line)?.params, ["#room", text.replace(/[\r\n\0]+/g, " ")]);
    }),
  );
});

test("a parameter that would move the others is refused", () => {
  for (const odd of ["a b", "", ":a", "a\nQUIT"])
    assert.throws(() => buildLine("PRIVMSG", [odd, "hi"]), RangeError);
});

test("bytes become lines however they are cut; what is no UTF-8 is read as Latin-1", () => {
  const bytes = Buffer.concat([
    Buffer.from("one\r\ngr\u00fc\u00df\n\r\n"),
    Buffer.from("caf\u00e9\r\n", "latin1"),
    Buffer.from("rest"),
  ]);
  for (const size of [1, 2, 3, 5, 64]) {
    const lines: string[] = [];
    const read = splitLines((line) => void lines.push(line));
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
    assert.deepEqual(lines, ["one", "gr\u00fc\u00df", "caf\u00e9"]);
  }
});

test("names are one by the server's rules", () => {
  assert.equal(foldName({ caseMapping: "rfc1459" }, "Nick[A]\\^"), "nick{a}|~");
  assert.equal(foldName({ caseMapping: "strict-rfc1459" }, "Nick[A]^"), "nick{a}^");
  assert.equal(foldName({ caseMapping: "ascii" }, "Nick[A]"), "nick[a]");
});

test("one target, and nothing that makes more of it", () => {
  for (const good of ["#room", "ann", "[ann]", "&local", "##a.b"]) assert.ok(isTarget(good), good);
  for (const bad of ["", "#a,#b", "$*.org", "@#ops", "a b", ":a", "a\nb", "a!b@c", "*"])
    assert.ok(!isTarget(bad), bad);
});
