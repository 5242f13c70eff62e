import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openCooldowns } from "../agent/cooldowns.ts";
import { runAgent } from "../agent/loop.ts";
import demo from "../agent/providers/demo.ts";
import { openWindows } from "../agent/window.ts";
import { systemClock } from "../platform/clock.ts";
import { createOutbound } from "../platform/outbound.ts";
import { type TranscriptMessage, text } from "../protocol/messages.ts";
import exec from "./exec.ts";
import list from "./list.ts";
import read from "./read.ts";
import write from "./write.ts";

test("the demo model works with the real tools, message by message", async () => {
  const workspace = mkdtempSync(join(tmpdir(), "demo-"));
  using outbound = createOutbound();
  const provider = demo.create({ outbound, clock: systemClock });
  const history: TranscriptMessage[] = [];

  async function say(words: string): Promise<string> {
    history.push({ role: "user", content: text(words), timestamp: 1 });
    const end = await runAgent({
      runId: "run",
      sessionKey: "agent:main:main",
      agentId: "main",
      workspace,
      system: "",
      history,
      candidates: [{ target: { provider: "demo", model: "echo", api: "demo", baseUrl: "" }, provider }],
      cooldowns: openCooldowns(systemClock),
      windows: openWindows(),
      tools: [read, write, list, exec],
      childEnv: { PATH: "/usr/bin:/bin" },
      signal: new AbortController().signal,
      clock: systemClock,
      maxSteps: 40,
      takeSteered: () => [],
      onEvent: (event) => event.kind === "message" && history.push(event.message),
    });
    assert.equal(end.reason, "stop");
    return end.text;
  }

  try {
    assert.equal(await say("list files"), "There are no files here.");
    assert.equal(await say("write notes/a.md: hello"), "Done. wrote notes/a.md (6 bytes)");
    assert.equal(await say("list files in notes"), "1 file:\n\na.md (6 bytes)");
    assert.equal(await say("read notes/a.md"), "It says:\n\nhello");
    assert.equal(await say("run cat notes/a.md; exit 3"), "The command printed:\n\nhello\nexit code 3");
    assert.match(
      await say("read /etc/passwd"),
      /^That did not work: "\/etc\/passwd" is outside the workspace$/,
    );
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
});
