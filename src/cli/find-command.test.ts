import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommandEntry } from "./command.ts";
import { findCommand } from "./find-command.ts";
import { unknownWord } from "./unknown-word.ts";

const load = () => Promise.reject(new Error("not loaded in this test"));
const TABLE: readonly CommandEntry[] = [
  { words: ["config"], summary: "", group: true },
  { words: ["config", "validate"], summary: "", load },
  { words: ["gateway"], summary: "", group: true, default: "run" },
  { words: ["gateway", "run"], summary: "", load },
  { words: ["gateway", "status"], summary: "", load },
  { words: ["start"], summary: "", load },
  { words: ["status"], summary: "", load },
];

const CASES: readonly { typed: string; want: string }[] = [
  { typed: "", want: "nothing" },
  { typed: "status --json", want: "status [--json]" },
  { typed: "gateway status --json x", want: "gateway status [--json x]" },
  { typed: "gateway", want: "gateway run []" },
  { typed: "gateway --port 3000", want: "gateway run [--port 3000]" },
  { typed: "config", want: "group config" },
  { typed: "config --json", want: `unknown option --json` },
  { typed: "--jsno", want: "unknown option --jsno" },
  { typed: "--verbsoe", want: "unknown option --verbsoe — did you mean --verbose?" },
  { typed: "statsu", want: `unknown command "statsu" — did you mean "status"?` },
  { typed: "restart", want: `unknown command "restart" — did you mean "start"?` },
  { typed: "gateway stauts", want: `unknown command "gateway stauts" — did you mean "gateway status"?` },
  { typed: "validate", want: `unknown command "validate" — did you mean "config validate"?` },
  { typed: "xyzzy", want: `unknown command "xyzzy"` },
  { typed: "__proto__", want: `unknown command "__proto__"` },
];

for (const { typed, want } of CASES) {
  test(`"${typed}" is ${want}`, () => assert.equal(verdict(typed), want));
}

function verdict(typed: string): string {
  const found = findCommand(TABLE, typed === "" ? [] : typed.split(" "));
  switch (found.kind) {
    case "nothing":
      return "nothing";
    case "group":
      return `group ${found.group.words.join(" ")}`;
    case "command":
      return `${found.entry.words.join(" ")} [${found.args.join(" ")}]`;
    default:
      return unknownWord(TABLE, found).message;
  }
}
