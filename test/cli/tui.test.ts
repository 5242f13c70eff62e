import assert from "node:assert/strict";
import { test } from "node:test";
import { openGateway } from "../kit/gateway.ts";
import { runOpenclaw } from "../kit/process.ts";
import { localConfig, makeState } from "../kit/state.ts";
import { noTerminal, openTerminal } from "../kit/terminal.ts";
import { until } from "../kit/until.ts";
import { connectWire } from "../kit/wire.ts";

const ENTER = "\r";
const ESCAPE = "\x1b";
const CTRL_C = "\x03";
const CTRL_D = "\x04";

test("[send-failed-not-connected] [send-failed-error-class] [tui-disconnected-idle] a conversation in the terminal, through a gateway that goes away and comes back", {
  skip: noTerminal,
}, async () => {
  using state = makeState(localConfig(1));
  const first = await openGateway({ state });
  await using terminal = openTerminal(["tui", "--port", String(first.port)], state);
  await terminal.shows(/connected \| idle \| agent:main:main/);

  terminal.type("list files");
  terminal.type(ENTER);
  await terminal.shows(/› list files/);
  await terminal.shows(/· .*\n[\s\S]*AGENTS\.md/);
  await terminal.shows(/idle/);

  await first.stop();
  await terminal.shows(/gateway disconnected: .+ \| idle/);
  terminal.type("are you there");
  terminal.type(ENTER);
  await terminal.shows(/send failed: Error: gateway not connected/);
  await terminal.shows(/are you there/);

  await using second = await openGateway({ state, flags: { port: first.port } });
  await terminal.shows(/connected again/);
  terminal.type(ENTER);
  const { store } = second.running.services.turns;
  await until("what was typed while it was away is answered", () => {
    return store.find("agent:main:main")!.lastSeq >= 6;
  });
  await terminal.shows(/idle/);

  terminal.type("half a thought");
  await terminal.shows(/half a thought/);
  terminal.type(CTRL_C);
  terminal.type(CTRL_C);
  assert.equal(await terminal.ended, 0);
  await first[Symbol.asyncDispose]();
});

test("what others say in the session is shown, and nothing of it steers the terminal", {
  skip: noTerminal,
}, async () => {
  await using gateway = await openGateway();
  await using terminal = openTerminal(
    ["tui", "--port", String(gateway.port), "--session", "lab"],
    gateway.state,
  );
  await terminal.shows(/agent:main:lab/);
  using other = await connectWire(gateway.port, { token: gateway.token, scopes: ["operator.admin"] });
  const evil = "\x1b]0;owned\x07\x1b[2Jlook";
  await other.request("chat.send", { sessionKey: "lab", message: evil, idempotencyKey: "k1" });
  await terminal.shows(/› \\u001b\]0;owned\\u0007\\u001b\[2Jlook/);
  terminal.type(`/help${ENTER}`);
  await terminal.shows(/\/session <key>/);
  terminal.type(`/sessions${ENTER}`);
  await terminal.shows(/agent:main:lab/);
  terminal.type(`/session other${ENTER}`);
  await terminal.shows(/agent:main:other/);
  terminal.type(CTRL_D);
  assert.equal(await terminal.ended, 0);
});

test("Esc stops the reply", { skip: noTerminal }, async () => {
  await using gateway = await openGateway();
  await using terminal = openTerminal(["tui", "--port", String(gateway.port)], gateway.state);
  await terminal.shows(/idle/);
  terminal.type(`run sleep 30${ENTER}`);
  await terminal.shows(/running/);
  terminal.type(ESCAPE);
  await terminal.shows(/stopped/);
  terminal.type(CTRL_D);
  assert.equal(await terminal.ended, 0);
});

test("[conn-gateway-unreachable] without a terminal, or without a gateway, it says so at once", async () => {
  using state = makeState(localConfig(1));
  const piped = await runOpenclaw(["tui"], state);
  assert.equal(piped.code, 1);
  assert.match(piped.stderr, /needs a terminal[\s\S]*openclaw agent --message/);
  if (noTerminal) return;
  await using terminal = openTerminal(["tui"], state);
  assert.equal(await terminal.ended, 1);
  assert.match(terminal.text(), /gateway not connected|gateway unreachable/);
  assert.match(terminal.text(), /openclaw (restart|start|gateway start|status)/);
});
