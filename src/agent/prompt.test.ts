import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSystemPrompt, type PromptInput } from "./prompt.ts";

const INPUT: PromptInput = {
  agentName: "Pincer",
  workspaceFiles: [{ name: "SOUL.md", text: "# calm\n" }],
  tools: [{ name: "read", description: "Read a text file." }],
  now: Date.parse("2026-11-20T23:30:00Z"),
  timeZone: "Asia/Taipei",
};

test("the prompt holds name, tools, files and the date where the owner is", () => {
  const prompt = buildSystemPrompt({ ...INPUT, surface: "telegram", extraSystemPrompt: "Rhyme." });
  assert.match(prompt, /^You are Pincer/);
  assert.match(prompt, /- read: Read a text file\./);
  assert.match(prompt, /<file name="SOUL\.md">\n# calm\n<\/file>/);
  assert.match(prompt, /Saturday,? 21 November 2026 \(Asia\/Taipei\)/);
  assert.match(prompt, /telegram/);
  assert.ok(prompt.endsWith("Rhyme."));
});

test("it is the same all day and small without its files", () => {
  assert.equal(buildSystemPrompt(INPUT), buildSystemPrompt({ ...INPUT, now: INPUT.now + 3_600_000 }));
  assert.ok(buildSystemPrompt({ ...INPUT, workspaceFiles: [] }).length < 1500);
});

test("without tools nothing is said about tools", () => {
  assert.doesNotMatch(buildSystemPrompt({ ...INPUT, tools: [] }), /tool/i);
});
