import assert from "node:assert/strict";
import { test } from "node:test";
import { readEnv } from "../platform/env.ts";
import { openSshTunnel, parseSshTarget } from "./ssh-tunnel.ts";

const FINE = [
  ["me@server", { destination: "me@server" }],
  ["server.example.net", { destination: "server.example.net" }],
  ["me@10.0.0.7:2222", { destination: "me@10.0.0.7", port: 2222 }],
  ["me@[fe80::1]:22", { destination: "me@fe80::1", port: 22 }],
] as const;
for (const [text, want] of FINE) {
  test(`${text} is an address for ssh`, () => assert.deepEqual(parseSshTarget(text), want));
}

for (const text of [
  "",
  "-oProxyCommand=id",
  "-l@x",
  "me@-oProxyCommand=id",
  "a b",
  "me@x:0",
  "me@x:99999",
  "me@x;id",
  "ssh://x",
]) {
  test(`"${text}" is none`, () => assert.equal(parseSshTarget(text), undefined));
}

test("without a program called ssh the reason says so", async () => {
  const tunnel = await openSshTunnel({
    to: { destination: "nobody@127.0.0.1" },
    remotePort: 1,
    env: readEnv({ HOME: "/nonexistent", PATH: "/nonexistent" }),
    timeoutMs: 5_000,
    signal: new AbortController().signal,
  });
  assert.deepEqual(tunnel, { kind: "failed", reason: "there is no ssh on PATH" });
});
