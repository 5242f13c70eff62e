import assert from "node:assert/strict";
import { test } from "node:test";
import { classifyAnswer } from "./call-failure.ts";
import type { CallFailure, ModelTarget } from "./provider.ts";

const TARGET: ModelTarget = {
  provider: "p",
  model: "m",
  api: "openai-completions",
  baseUrl: "http://127.0.0.1:1234",
  apiKey: "plainkey-1",
};
const NOW = Date.parse("2026-11-20T12:00:00Z");

function error(fields: Record<string, unknown>): string {
  return JSON.stringify({ error: fields });
}

const CASES: { name: string; status: number; body: string; want: CallFailure; says?: RegExp }[] = [
  {
    name: "401",
    status: 401,
    body: error({ message: "bad key" }),
    want: "auth",
    says: /^HTTP 401: status_401: bad key$/,
  },
  { name: "403", status: 403, body: error({ message: "no access" }), want: "auth" },
  { name: "402", status: 402, body: "", want: "billing", says: /^HTTP 402: status_402: no message$/ },
  {
    name: "a quota that is used up, although it comes as 429",
    status: 429,
    body: error({ message: "You exceeded your current quota", type: "insufficient_quota" }),
    want: "billing",
  },
  {
    name: "[model-anthropic-429-long-context] a window the account may not use, although it comes as 429",
    status: 429,
    body: error({ message: "Extra usage is required for long context requests.", type: "rate_limit_error" }),
    want: "long-context-denied",
    says: /^HTTP 429: rate_limit_error: Extra usage is required for long context requests\. \(.*context1m .*false, buy extra usage, or .*fallbacks\)$/,
  },
  { name: "429", status: 429, body: error({ message: "slow down", type: "tokens" }), want: "rate-limit" },
  {
    name: "Google's list around its error",
    status: 429,
    body: `[${error({ code: 429, message: "quota per minute", status: "RESOURCE_EXHAUSTED" })}]`,
    want: "rate-limit",
    says: /RESOURCE_EXHAUSTED: quota per minute/,
  },
  {
    name: "[model-not-found] a model that does not exist",
    status: 404,
    body: error({ code: "model_not_found" }),
    want: "model-not-found",
    says: /model_not_found/,
  },
  {
    name: "a model that a local server does not have",
    status: 404,
    body: error({ message: 'model "x" not found, try pulling it first' }),
    want: "model-not-found",
    says: /^HTTP 404: model_not_found: model "x" not found/,
  },
  {
    name: "an address without /v1",
    status: 404,
    body: "404 page not found",
    want: "network",
    says: /127\.0\.0\.1:1234\/ the right baseUrl\? It usually ends in \/v1/,
  },
  {
    name: "a context that is too long",
    status: 400,
    body: error({
      message: "This model's maximum context length is 8192 tokens",
      code: "context_length_exceeded",
    }),
    want: "context-overflow",
  },
  {
    name: "another server's word for it",
    status: 400,
    body: error({ message: "the request exceeds the available context size" }),
    want: "context-overflow",
  },
  {
    name: "a request the server does not understand",
    status: 422,
    body: error({ message: "messages[0].content: invalid type: sequence, expected a string" }),
    want: "rejected",
  },
  {
    name: "a refused prompt",
    status: 400,
    body: error({ code: "content_policy_violation" }),
    want: "refused",
  },
  { name: "500", status: 500, body: "oops", want: "overloaded", says: /^HTTP 500: status_500: oops$/ },
  {
    name: "529",
    status: 529,
    body: error({ type: "overloaded_error", message: "Overloaded" }),
    want: "overloaded",
  },
  { name: "408", status: 408, body: "", want: "timeout" },
  { name: "a redirect", status: 302, body: "", want: "network", says: /redirects are not followed/ },
  {
    name: "a web page of a proxy",
    status: 502,
    body: "<!DOCTYPE html><html><body>Bad gateway</body></html>",
    want: "network",
    says: /web page/,
  },
];
for (const { name, status, body, want, says } of CASES) {
  test(`${name} is ${want}`, () => {
    const { failure, message } = classifyAnswer({ status, headers: {}, body }, TARGET, NOW);
    assert.equal(failure, want);
    if (says) assert.match(message, says);
  });
}

const WAITS: { header: Record<string, string>; want: number | undefined }[] = [
  { header: { "retry-after": "7" }, want: 7_000 },
  { header: { "retry-after": "Fri, 20 Nov 2026 12:00:30 GMT" }, want: 30_000 },
  { header: { "retry-after-ms": "1500", "retry-after": "2" }, want: 1_500 },
  { header: { "retry-after": "soon" }, want: undefined },
  { header: { "retry-after": "99999999" }, want: 86_400_000 },
  { header: {}, want: undefined },
];
for (const { header, want } of WAITS) {
  test(`Retry-After ${JSON.stringify(header)} is ${want} ms`, () => {
    const finish = classifyAnswer({ status: 429, headers: header, body: "" }, TARGET, NOW);
    assert.equal(finish.retryAfterMs, want);
  });
}

test("a message is capped and holds neither the key, nor header values, nor anything that looks like a key", () => {
  const target = { ...TARGET, headers: { "x-api-key": "header-secret" } };
  const leak = `plainkey-1 header-secret sk-proj-abcdefghijklmnop AIzaSyA1234567890abcdef ${"x".repeat(900)}`;
  const { message } = classifyAnswer(
    { status: 401, headers: {}, body: error({ message: leak }) },
    target,
    NOW,
  );
  assert.ok(message.length <= 500);
  assert.doesNotMatch(message, /plainkey|header-secret|abcdef/);
});
