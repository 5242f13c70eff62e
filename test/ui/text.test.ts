import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Block, parseBlocks, parseInline } from "../../src/protocol/markdown.ts";
import { withFiles } from "../../ui/src/chat/attach.ts";
import { highlight } from "../../ui/src/chat/highlight.ts";
import { completions, spelled } from "../../ui/src/chat/slash-match.ts";
import { advance, type LiveRun, mergeMessages, turnsOf } from "../../ui/src/chat/transcript.ts";
import { browserName } from "../../ui/src/connect/browser-name.ts";
import { fieldsOf, meaningOf, patchOf } from "../../ui/src/pages/config-form.ts";
import { diffLines } from "../../ui/src/pages/line-diff.ts";
import { parseLogLine } from "../../ui/src/pages/log-line.ts";
import { en } from "../../ui/src/words/en.ts";
import { zhCN } from "../../ui/src/words/zh-CN.ts";
import { zhTW } from "../../ui/src/words/zh-TW.ts";

const paragraph = (text: string): Block => ({ kind: "paragraph", text });

describe("Markdown", () => {
  const BLOCKS: [source: string, blocks: Block[]][] = [
    ["one\ntwo\n\nthree", [paragraph("one\ntwo"), paragraph("three")]],
    ["## Head ##\ntext", [{ kind: "heading", level: 2, text: "Head" }, paragraph("text")]],
    ["```ts\na\n\n# b\n```\nc", [{ kind: "code", language: "ts", text: "a\n\n# b" }, paragraph("c")]],
    ["```\nstill open", [{ kind: "code", language: "", text: "still open" }]],
    [
      "- a\n- b\n  - c",
      [
        {
          kind: "list",
          ordered: false,
          start: 1,
          items: [
            [paragraph("a")],
            [paragraph("b"), { kind: "list", ordered: false, start: 1, items: [[paragraph("c")]] }],
          ],
        },
      ],
    ],
    ["3. a\n4. b", [{ kind: "list", ordered: true, start: 3, items: [[paragraph("a")], [paragraph("b")]] }]],
    ["> a\n> b", [{ kind: "quote", blocks: [paragraph("a\nb")] }]],
    ["| a | b |\n|---|:-:|\n| 1 | 2 |", [{ kind: "table", head: ["a", "b"], rows: [["1", "2"]] }]],
    ["a | b\nno table", [paragraph("a | b\nno table")]],
    ["---", [{ kind: "rule" }]],
    ["<b>html</b>", [paragraph("<b>html</b>")]],
  ];
  for (const [source, blocks] of BLOCKS) {
    test(JSON.stringify(source), () => assert.deepEqual(parseBlocks(source), blocks));
  }

  const text = (value: string) => ({ kind: "text", text: value });
  const INLINE: [source: string, nodes: unknown[]][] = [
    [
      "a **b** `c*d*` *e*",
      [
        text("a "),
        { kind: "strong", children: [text("b")] },
        text(" "),
        { kind: "code", text: "c*d*" },
        text(" "),
        { kind: "em", children: [text("e")] },
      ],
    ],
    ["snake_case_name 2*3*4", [text("snake_case_name 2*3*4")]],
    ["[x](https://a.example/b)", [{ kind: "link", href: "https://a.example/b", children: [text("x")] }]],
    [
      "see https://a.example/b.",
      [
        text("see "),
        { kind: "link", href: "https://a.example/b", children: [text("https://a.example/b")] },
        text("."),
      ],
    ],
    ["![p](https://a.example/p.png)", [{ kind: "image", href: "https://a.example/p.png", alt: "p" }]],
    ["\\*not\\*", [text("*"), text("not"), text("*")]],
  ];
  for (const [source, nodes] of INLINE) {
    test(source, () => assert.deepEqual(parseInline(source), nodes));
  }

  const HARMLESS = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x)",
    "[x](//evil.example)",
    "![x](javascript:alert(1))",
    "<img src=x onerror=alert(1)>",
  ];
  for (const source of HARMLESS) {
    test(`[INJ-08] ${source} stays text`, () => {
      const shown = parseInline(source);
      assert.equal(
        shown.every(({ kind }) => kind === "text"),
        true,
        JSON.stringify(shown),
      );
      assert.equal(shown.map((node) => (node.kind === "text" ? node.text : "")).join(""), source);
    });
  }

  test("what is nested without end is shown as text at some depth", () => {
    assert.doesNotThrow(() => parseBlocks("> ".repeat(5_000)));
    assert.doesNotThrow(() => parseBlocks(`${"- ".repeat(5_000)}x`));
    assert.doesNotThrow(() => parseInline("**a".repeat(5_000)));
  });
});

describe("a transcript", () => {
  const stored = (seq: number, role: string, content: unknown[], more = {}) =>
    ({
      role,
      content,
      timestamp: seq,
      ...more,
      __openclaw: { id: `m${seq}`, seq, recordTimestampMs: seq, runId: "r1" },
    }) as never;
  const say = (text: string) => [{ type: "text", text }];

  test("a tool's result is found in its card, and a run is one answer", () => {
    const turns = turnsOf([
      stored(1, "user", say("list")),
      stored(2, "assistant", [{ type: "toolCall", id: "t1", name: "list", arguments: { dir: "." } }]),
      stored(3, "toolResult", say("a.txt"), { toolCallId: "t1" }),
      stored(4, "assistant", say("One file."), { stopReason: "length" }),
    ]);
    assert.deepEqual(turns, [
      { kind: "said", id: "m1", text: "list", images: [], runId: "r1" },
      {
        kind: "answer",
        id: "m2",
        parts: [
          {
            kind: "tool",
            id: "t1",
            name: "list",
            title: "list",
            args: { dir: "." },
            output: "a.txt",
            status: "completed",
          },
          { kind: "text", id: "m4:0", text: "One file." },
        ],
        note: "length",
        runId: "r1",
      },
    ]);
  });

  test("pages that overlap become one, in order", () => {
    const [a, b, c] = [1, 2, 3].map((seq) => stored(seq, "user", say(String(seq))));
    assert.deepEqual(mergeMessages([b!, c!], [a!, b!]), [a, b, c]);
  });

  test("the events of a run become its parts", () => {
    const events: [string, unknown][] = [
      ["thinking", { delta: "hm" }],
      ["thinking", { delta: "m" }],
      ["assistant", { itemId: "i1", text: "Let", delta: "Let" }],
      ["assistant", { itemId: "i1", text: "Let me", delta: " me" }],
      ["item", { toolCallId: "t1", name: "exec", phase: "start", title: "ls", status: "running" }],
      ["tool", { toolCallId: "t1", name: "exec", phase: "start", args: { command: "ls" } }],
      [
        "command_output",
        { toolCallId: "t1", name: "exec", phase: "delta", output: "a\n", status: "running" },
      ],
      [
        "tool",
        { toolCallId: "t1", name: "exec", phase: "result", isError: false, result: { content: say("a\nb") } },
      ],
      ["item", { toolCallId: "t1", name: "exec", phase: "end", status: "completed", durationMs: 1200 }],
      ["usage", { outputTokens: 3 }],
    ];
    const run = events.reduce((at: LiveRun, [stream, data]) => advance(at, stream, data), {
      runId: "r1",
      parts: [],
    });
    assert.deepEqual(run.parts, [
      { kind: "thinking", id: "thinking:0", text: "hmm" },
      { kind: "text", id: "i1", text: "Let me" },
      {
        kind: "tool",
        id: "t1",
        name: "exec",
        title: "ls",
        args: { command: "ls" },
        output: "a\nb",
        status: "completed",
        durationMs: 1200,
      },
    ]);
  });
});

test("a change is shown with a little of what is around it", () => {
  const marks = { same: " ", removed: "-", added: "+" };
  const shown = (a: string, b: string) => diffLines(a, b).map(({ kind, text }) => marks[kind] + text);
  assert.deepEqual(shown("a\nb\nc\nd\ne\nf", "a\nb\nc\nD\ne\nf"), [" b", " c", "-d", "+D", " e", " f"]);
  assert.deepEqual(shown("a", "a"), []);
  assert.deepEqual(shown("x\na\ny", "a\nz"), ["-x", " a", "-y", "+z"]);
});

test("a line of the log is read, and one that is no JSON shown as it is", () => {
  const line = parseLogLine(
    '{"time":"2026-01-02T03:04:05.000Z","level":"warn","subsystem":"ws","message":"m","ip":"::1"}',
    7,
  );
  assert.deepEqual(
    { ...line, time: "" },
    { id: 7, time: "", level: "warn", area: "ws", text: "m", fields: '{"ip":"::1"}' },
  );
  assert.equal(parseLogLine("plain", 8).text, "plain");
});

const BROWSERS = [
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
  [
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
    "Edge on Windows",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Mobile Safari/604.1",
    "Safari on iPhone",
  ],
  ["curl/8", "Browser"],
] as const;
for (const [userAgent, name] of BROWSERS)
  test(`${name} is told from others`, () => assert.equal(browserName(userAgent), name));

test("every language has every text, and none of it is empty", () => {
  const flat = (table: object, path = ""): [string, string][] =>
    Object.entries(table).flatMap(([key, value]) =>
      typeof value === "object"
        ? flat(value, `${path}${key}.`)
        : [[path + key, String(typeof value === "function" ? value("7") : value)]],
    );
  const names = flat(en).map(([name]) => name);
  for (const table of [zhTW, zhCN]) {
    assert.deepEqual(
      flat(table).map(([name]) => name),
      names,
    );
    assert.deepEqual(
      flat(table).filter(([, text]) => text.trim() === ""),
      [],
    );
  }
  // What people search for is the same in every language.
  for (const table of [en, zhTW, zhCN]) {
    assert.match(table.gate.titles.pairing, /new device detected — waiting for approval/);
    assert.match(table.gate.why.pairing, /device not paired — approve this device to connect/);
    assert.equal(table.chat.sendFailed("x"), "send failed: x");
  }
});

describe("what a draft becomes", () => {
  test("a file's text stands in a fence that nothing in it closes", () => {
    const text = withFiles("look", [
      { kind: "text", id: 1, name: "a.md", text: "````js\nx\n````\n" },
      { kind: "image", id: 2, name: "b.png", mimeType: "image/png", data: "AA==" },
    ]);
    assert.equal(text, "look\n\na.md:\n`````md\n````js\nx\n````\n`````");
    assert.equal(parseBlocks(text).at(-1)!.kind, "code");
  });

  test("commands are found by name and alias, until there is a second word", () => {
    const commands = [
      spelled({ name: "new", textAliases: ["/new", "/reset"], description: "begin anew" }),
      spelled({ name: "model", acceptsArgs: true }),
    ];
    const found = (draft: string) => completions(draft, commands).map(({ name }) => name);
    assert.deepEqual(found("/"), ["/new", "/model"]);
    assert.deepEqual(found("/RE"), ["/new"]);
    assert.deepEqual(found("/model "), []);
    assert.deepEqual(found("say /"), []);
  });
});

describe("code in colours", () => {
  const CASES: [language: string, text: string, seen: string[]][] = [
    ["ts", 'const a = "x"; // y', ["keyword const", 'string "x"', "comment // y"]],
    [
      "py",
      "def f(a):\n  return 1 # no",
      ["keyword def", "name f", "keyword return", "number 1", "comment # no"],
    ],
    ["json", '{"a": true, "b": 2}', ['string "a"', "keyword true", 'string "b"', "number 2"]],
    ["sql", "select 1 -- x", ["keyword select", "number 1", "comment -- x"]],
    ["unheard-of", "const a = 1", []],
  ];
  for (const [language, text, seen] of CASES)
    test(language, () => {
      const tokens = highlight(text, language);
      assert.equal(tokens.map((token) => token.text).join(""), text, "nothing is lost");
      assert.deepEqual(
        tokens.flatMap(({ kind, text: piece }) => (kind ? [`${kind} ${piece}`] : [])),
        seen,
      );
    });
});

describe("the form of the settings", () => {
  const schema = {
    type: "object",
    properties: {
      port: { anyOf: [{ type: "integer" }, { type: "string" }] },
      on: { type: "boolean" },
      level: { type: "string", enum: ["a", "b"] },
      names: { type: "array", items: { type: "string" } },
      rules: { type: "array", items: { type: "object" } },
      unknown: {},
      map: {
        type: "object",
        additionalProperties: { type: "object", properties: { url: { type: "string" } } },
      },
    },
  };

  test("has what can be typed, and of maps what the file has", () => {
    const fields = fieldsOf(schema, { port: 1, map: { x: { url: "u" } }, on: { from: "elsewhere" } });
    assert.deepEqual(
      fields.map(({ path, kind, value }) => [path.join("."), kind, value]),
      [
        ["port", "number", 1],
        ["level", "choice", undefined],
        ["names", "lines", undefined],
        ["map.x.url", "text", "u"],
      ],
    );
  });

  test("makes a merge patch of what was typed", () => {
    const after = (path: string, value: unknown) => ({
      path: path.split("."),
      before: undefined,
      after: value,
    });
    assert.deepEqual(
      patchOf([
        after("port", meaningOf("number", "18790")),
        after("a.on", meaningOf("boolean", "false")),
        after("a.names", meaningOf("lines", "x\n\n y ")),
        after("a.gone", meaningOf("text", " ")),
      ]),
      { port: 18_790, a: { on: false, names: ["x", "y"], gone: null } },
    );
  });
});
