import assert from "node:assert/strict";
import { test } from "node:test";
import { readGatewayCommand, shownCommand } from "./gateway-command.ts";

const CASES = [
  {
    line: "node /usr/lib/node_modules/openclaw/openclaw.cjs gateway run --port 18800",
    want: { dev: false, port: 18800 },
  },
  {
    line: "/usr/bin/node --max-old-space-size=512 /opt/openclaw/bin/openclaw.cjs start",
    want: { dev: false },
  },
  {
    line: "node /usr/lib/node_modules/openclaw/dist/index.js gateway --port=19001 --profile work",
    want: { dev: false, port: 19001, profile: "work" },
  },
  { line: "/usr/local/bin/openclaw --dev gateway", want: { dev: true } },
  { line: "/usr/local/bin/openclaw --profile work gateway run", want: { dev: false, profile: "work" } },
  { line: "openclaw-gateway", want: { dev: false } },
  { line: "node /opt/clawdbot/dist/entry.js gateway", want: { dev: false } },
  { line: "openclaw gateway status", want: undefined },
  { line: "openclaw doctor", want: undefined },
  { line: "openclaw agent --message start", want: undefined },
  { line: "vim openclaw.json gateway", want: undefined },
  { line: "grep -r openclaw gateway", want: undefined },
  { line: "node server.js gateway", want: undefined },
  { line: "", want: undefined },
] as const;

for (const { line, want } of CASES) {
  test(`"${line}" ${want ? "runs a gateway" : "runs none"}`, () => {
    assert.deepEqual(readGatewayCommand(line.split(" ")), want);
  });
}

test("a command is shown without its secrets", () => {
  const argv = ["openclaw", "gateway", "--token", "abcdef", "--password=ghi", "--port", "1"];
  assert.equal(shownCommand(argv), "openclaw gateway --token *** --password=*** --port 1");
});
