import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSystemPrompt, type PromptInput } from "./prompt.ts";

const INPUT: PromptInput = {
  agentName: "Pincer",
  workspaceFiles: [{ name: "SOUL.md", text: "# calm\n" }],
  tools: [{ name: "read", description: "Read a text file." }],
  today: "Sat Nov 21 2026",
  timeZone: "Asia/Taipei",
};

test("the prompt holds name, tools, files and the date where the owner is", () => {
  const prompt = buildSystemPrompt({ ...INPUT, surface: "telegram", extraSystemPrompt: "Rhyme." });
  assert.match(prompt, /^You are Pincer/);
  assert.match(prompt, /- read: Read a text file\./);
  assert.match(prompt, /<file name="SOUL\.md">\n# calm\n<\/file>/);
  assert.match(prompt, /Today is Sat Nov 21 2026 \(Asia\/Taipei\)/);
  assert.match(prompt, /telegram/);
  assert.ok(prompt.endsWith("Rhyme."));
});

test("it is small without its files", () => {
  assert.ok(buildSystemPrompt({ ...INPUT, workspaceFiles: [] }).length < 1500);
});

test("without tools nothing is said about tools", () => {
  assert.doesNotMatch(buildSystemPrompt({ ...INPUT, tools: [] }), /tool/i);
});
