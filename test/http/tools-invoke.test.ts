import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  ToolsCatalogResultSchema,
  ToolsEffectiveResultSchema,
  ToolsInvokeResultSchema,
} from "@openclaw/gateway-protocol/schema";
import { Value } from "typebox/value";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";
import { connectWire } from "../kit/wire.ts";

const invoke = ({ port, token }: TestGateway, body: unknown, headers = {}) =>
  call({ port, token, path: "/tools/invoke", body, headers });

const workspaceOf = ({ running }: TestGateway) => running.services.turns.agents()[0]!.workspace;

test("a tool is called without a model, over HTTP and over the wire, and says what was wrong with its input", async () => {
  await using gateway = await openGateway();
  gateway.running.services.turns.workspaceFiles(workspaceOf(gateway));
  writeFileSync(join(workspaceOf(gateway), "note.txt"), "remember the milk");
  const read = await invoke(gateway, { tool: "read", args: { path: "note.txt" }, dryRun: true });
  assert.equal(read.status, 200);
  assert.equal(read.json.result.content[0].text, "remember the milk");
  assert.equal(read.json.result.details.path, "note.txt");
  const wins = await invoke(gateway, { tool: "nothing", name: "list", args: { path: "." } });
  assert.match(wins.json.result.content[0].text, /note\.txt/);

  const refused: [body: unknown, status: number, message: RegExp][] = [
    [{}, 400, /^tools\.invoke requires name$/],
    [[], 400, /JSON object/],
    [{ name: "read", args: 5 }, 400, /args must be an object/],
    [{ name: "read", args: {} }, 400, /^path: /],
    [{ name: "read", args: { path: "../../etc/passwd" } }, 500, /outside/],
    [{ name: "read", args: { path: "x" }, sessionKey: "subagent:1" }, 400, /reserved/],
    [{ name: "read", args: { path: "x" }, sessionKey: "agent:nobody:main" }, 400, /no such session or agent/],
  ];
  for (const [body, status, message] of refused) {
    const answer = await invoke(gateway, body);
    assert.equal(answer.status, status, JSON.stringify(body));
    assert.equal(answer.json.ok, false);
    assert.match(answer.json.error.message, message);
  }
  assert.equal(
    (await call({ port: gateway.port, path: "/tools/invoke", body: { name: "read" } })).status,
    401,
  );
  const wrongVerb = await call({ port: gateway.port, token: gateway.token, path: "/tools/invoke" });
  assert.deepEqual([wrongVerb.status, wrongVerb.headers.allow], [405, "POST"]);

  using client = await connectWire(gateway.port, { token: gateway.token });
  const { payload } = await client.request("tools.invoke", { name: "read", args: { path: "note.txt" } });
  assert.deepEqual([...Value.Errors(ToolsInvokeResultSchema, payload)], []);
  assert.equal(payload.output.content[0].text, "remember the milk");
  const { payload: none } = await client.request("tools.invoke", { name: "fly" });
  assert.deepEqual(none.error, { code: "not_found", message: "Tool not available: fly" });

  const catalog = await client.request("tools.catalog");
  assert.deepEqual([...Value.Errors(ToolsCatalogResultSchema, catalog.payload)], []);
  await client.request("sessions.create", { key: "main" });
  const effective = await client.request("tools.effective", { sessionKey: "main" });
  assert.deepEqual([...Value.Errors(ToolsEffectiveResultSchema, effective.payload)], []);
  const unknown = await client.request("tools.effective", { sessionKey: "nobody" });
  assert.equal(unknown.error.message, 'unknown session key "nobody"');
});

const DENIED = [
  ...[
    "exec",
    "spawn",
    "shell",
    "gateway",
    "cron",
    "fs_write",
    "apply_patch",
    "sessions_spawn",
    "nodes",
    "write",
  ],
  ...[
    "EXEC",
    "Exec",
    " exec",
    "exec ",
    "exec\u0000",
    "\u0435xec",
    "ex\u200bec",
    "group:runtime",
    "*",
    "__proto__",
    "constructor",
  ],
];

test("[HTTP-04] what changes the machine is not called past the agent, under no spelling, until the config says so", async () => {
  await using gateway = await openGateway();
  const mark = join(workspaceOf(gateway), "mark");
  for (const name of DENIED) {
    const answer = await invoke(gateway, {
      name,
      args: { command: `touch ${mark}`, path: "mark", content: "x" },
    });
    assert.equal(answer.status, 404, name);
    assert.match(answer.json.error.message, /^Tool not available: /);
  }
  const listed = await invoke(gateway, { name: "list", args: { path: "." } });
  assert.doesNotMatch(listed.json.result.content[0].text, /mark/);

  await using open = await openGateway({
    config: { gateway: { tools: { allow: ["exec"], deny: ["read"] } } },
  });
  assert.equal((await invoke(open, { name: "exec", args: { command: "echo $((6*7))" } })).status, 200);
  assert.equal((await invoke(open, { name: "read", args: { path: "AGENTS.md" } })).status, 404);
  assert.equal((await invoke(open, { name: "write", args: { path: "x", content: "x" } })).status, 404);
});
