import assert from "node:assert/strict";
import { test } from "node:test";
import { faultLines } from "../platform/fault.ts";
import { ConnectionError } from "../protocol/client.ts";
import { GatewayError } from "../protocol/errors.ts";
import type { Target } from "./target.ts";
import { diagnose } from "./trouble.ts";
import { type Surface, troubleFault } from "./trouble-fault.ts";

const TARGET: Target = {
  url: "ws://127.0.0.1:18789",
  host: "127.0.0.1",
  port: 18789,
  local: true,
  credentials: { token: "t", source: "OPENCLAW_GATEWAY_TOKEN" },
  notices: [],
};

const system = (code: string) => Object.assign(new Error(`connect ${code}`), { code });
const socket = (message: string, cause?: unknown) => new ConnectionError(message, { cause });

const CASES = [
  { error: socket("", system("ECONNREFUSED")), kind: "refused" },
  { error: socket("", new AggregateError([system("ECONNREFUSED"), system("ENETUNREACH")])), kind: "refused" },
  { error: socket("getaddrinfo ENOTFOUND x", system("ENOTFOUND")), kind: "not-found" },
  { error: socket("", system("EHOSTUNREACH")), kind: "timeout" },
  { error: socket("connect timeout"), kind: "timeout" },
  { error: socket("Opening handshake has timed out"), kind: "timeout" },
  { error: socket("Unexpected server response: 404"), kind: "no-gateway" },
  { error: socket("Unexpected server response: 403"), kind: "untrusted-proxy" },
  { error: socket("Unexpected server response: 503"), kind: "starting" },
  {
    error: socket("Parse Error", Object.assign(new Error(), { code: "HPE_INVALID_CONSTANT" })),
    kind: "no-gateway",
  },
  { error: socket("socket hang up", system("ECONNRESET")), kind: "no-gateway" },
  {
    error: new ConnectionError("gateway closed (1012): x", { close: { code: 1012, reason: "x" } }),
    kind: "closed",
  },
  { error: socket("whatever"), kind: "failed" },
  { error: refusal("INVALID_REQUEST", "AUTH_TOKEN_MISMATCH"), kind: "credentials" },
  { error: refusal("NOT_PAIRED", "DEVICE_IDENTITY_REQUIRED"), kind: "credentials" },
  { error: refusal("INVALID_REQUEST", "AUTH_RATE_LIMITED"), kind: "locked-out" },
  { error: refusal("NOT_PAIRED", "PAIRING_REQUIRED"), kind: "pairing" },
  { error: refusal("INVALID_REQUEST", "PROTOCOL_MISMATCH"), kind: "protocol" },
  { error: new GatewayError("UNAVAILABLE", "gateway starting", { retryable: true }), kind: "starting" },
  { error: new GatewayError("INVALID_REQUEST", "invalid connect params"), kind: "failed" },
] as const;

function refusal(code: "INVALID_REQUEST" | "NOT_PAIRED", detail: string): GatewayError {
  return new GatewayError(code, "unauthorized", { details: { code: detail } });
}

for (const { error, kind } of CASES) {
  test(`${error.message || "a system error"} (${kind}) is told as what it is`, () => {
    const trouble = diagnose(error);
    assert.equal(trouble?.kind, kind);
    for (const surface of ["check", "send", "call"] as const) {
      assert.ok(troubleFault(trouble, TARGET, surface, "status").why, surface);
    }
  });
}

test("an error of our own is no trouble of the connection's", () => {
  assert.equal(diagnose(new TypeError("x is not a function")), undefined);
});

const REFUSED: { surface: Surface; lines: string[] }[] = [
  {
    surface: "check",
    lines: [
      "openclaw connection error: gateway unreachable",
      "  connect ECONNREFUSED 127.0.0.1:18789 — nothing is listening there",
    ],
  },
  {
    surface: "call",
    lines: [
      "gateway connect failed: connection refused",
      "  failed to connect to gateway at 127.0.0.1:18789: nothing is listening there",
    ],
  },
  {
    surface: "send",
    lines: [
      "Error: send failed — gateway not connected",
      "  nothing is listening at 127.0.0.1:18789; the message was not sent",
    ],
  },
];

for (const { surface, lines } of REFUSED) {
  test(`a gateway that is down, as ${surface} says it`, () => {
    const trouble = diagnose(socket("", system("ECONNREFUSED")))!;
    assert.deepEqual(faultLines(troubleFault(trouble, TARGET, surface, "x")), [
      ...lines,
      "  fix: openclaw start",
    ]);
  });
}

test("[auth-unauthorized] wrong credentials: where they came from and what to type", () => {
  const trouble = diagnose(refusal("INVALID_REQUEST", "AUTH_TOKEN_MISMATCH"))!;
  const { message, why, fix } = troubleFault(trouble, TARGET, "check", "gateway status");
  assert.equal(message, "gateway connect failed: unauthorized");
  assert.match(why!, /does not accept OPENCLAW_GATEWAY_TOKEN/);
  assert.match(fix!, /^openclaw gateway status --token </);
});
