import assert from "node:assert/strict";
import { test } from "node:test";
import { allowedTools } from "./tool-policy.ts";

const ALL = ["exec", "list", "read", "write"];

const CASES = [
  { name: "no policy leaves everything", policies: [undefined, {}], want: ALL },
  { name: "deny takes away", policies: [{ deny: ["exec"] }], want: ["list", "read", "write"] },
  { name: "deny wins over allow", policies: [{ allow: ["exec", "read"], deny: ["exec"] }], want: ["read"] },
  { name: "an empty allow list allows nothing", policies: [{ allow: [] }], want: [] },
  { name: "an unknown name allows nothing", policies: [{ allow: ["shell"] }], want: [] },
  {
    name: "groups stand for their tools",
    policies: [{ allow: ["group:fs"] }],
    want: ["list", "read", "write"],
  },
  {
    name: "names every object has are names like others",
    policies: [{ deny: ["constructor", "__proto__", "toString"] }],
    want: ALL,
  },
  { name: "a star stands for all", policies: [{ deny: ["*"] }], want: [] },
  {
    name: "an agent cannot get back what the owner took",
    policies: [{ deny: ["exec"] }, { alsoAllow: ["exec"] }],
    want: ["list", "read", "write"],
  },
  {
    name: "a small profile and one exception",
    policies: [{ profile: "minimal", alsoAllow: ["read"] }],
    want: ["read"],
  },
  {
    name: "commands that need asking are off while nobody can be asked",
    policies: [{ exec: { ask: "always" } }],
    want: ["list", "read", "write"],
  },
  {
    name: "commands behind an allowlist are off too",
    policies: [{ exec: { security: "allowlist" } }],
    want: ["list", "read", "write"],
  },
  {
    name: "full security without asking leaves them on",
    policies: [{ exec: { security: "full", ask: "off" } }],
    want: ALL,
  },
] as const;
for (const { name, policies, want } of CASES) {
  test(name, () =>
    assert.deepEqual(
      allowedTools(ALL, ...(policies as unknown as Parameters<typeof allowedTools>[1][])),
      want,
    ),
  );
}
