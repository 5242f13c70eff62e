import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filesBelow, ROOT } from "../../scripts/tree.ts";
import { runs } from "../../test/kit/long.ts";
import { catalogue } from "./catalogue.ts";
import { MANGLES, mistype, NOISE, seeded } from "./mangle.fixture.ts";
import { recognise } from "./recognise.ts";
import { isPattern } from "./recognise-pattern.ts";
import { SIGNATURE_TEXTS } from "./signature-texts.fixture.ts";
import { UNRELATED } from "./unrelated.fixture.ts";

const firstOf = (text: string): string | undefined => recognise(text)[0]?.entry.id;

const LITERALS = catalogue().flatMap(({ id, known }) =>
  known.filter((text) => !isPattern(text)).map((text) => ({ id, text })),
);

test("every text of the checklist is recognised as its entry", () => {
  for (const { id, signatures } of catalogue()) {
    for (const signature of signatures)
      assert.equal(firstOf(SIGNATURE_TEXTS[signature]!), id, `[${signature}]`);
  }
});

test("every literal text is recognised as its entry, and so is every title", () => {
  for (const { id, text } of LITERALS) assert.equal(firstOf(text), id, text);
  for (const { id, title } of catalogue()) assert.equal(firstOf(title), id, title);
});

test("no text stands for two entries", () => {
  const owners = Map.groupBy(LITERALS, ({ text }) => text.toLowerCase().replace(/[^\p{L}\p{N}_]+/gu, ""));
  const shared = [...owners.values()].filter((texts) => new Set(texts.map(({ id }) => id)).size > 1);
  assert.deepEqual(shared, []);
});

/** The end is what makes many short texts what they are. */
const RATES: Readonly<Record<string, number>> = { cut: 0.95 };

test("texts are recognised however they are mangled on the way here", (t) => {
  let hits = 0;
  for (const [name, mangle] of Object.entries(MANGLES)) {
    const rate = hitRate(mangle);
    t.diagnostic(`${name}: ${(100 * rate).toFixed(2)} %`);
    assert.ok(rate >= (RATES[name] ?? 0.995), `${name}: ${rate}`);
    hits += rate;
  }
  const all = hits / Object.keys(MANGLES).length;
  t.diagnostic(`all: ${(100 * all).toFixed(2)} %`);
  assert.ok(all >= 0.99, String(all));
});

test("typing errors do not keep a text from being recognised", (t) => {
  const rate = hitRate(mistype);
  t.diagnostic(`${(100 * rate).toFixed(2)} %`);
  assert.ok(rate >= 0.98, String(rate));
});

function hitRate(mangle: (text: string, random: () => number) => string): number {
  const random = seeded(7);
  const sample = LITERALS.filter((_, at) => at % runs(4, 1) === 0);
  const hits = sample.filter(({ id, text }) => firstOf(mangle(text, random)) === id);
  return hits.length / sample.length;
}

test("what is about something else is recognised as nothing", () => {
  assert.ok(UNRELATED.length >= 100);
  for (const text of UNRELATED) assert.deepEqual(recognise(text), [], text);
  for (const text of NOISE) assert.deepEqual(recognise(text), [], text);
  assert.deepEqual(recognise(UNRELATED.join("\n")), []);
});

/** From the paste to the entry that has to come first. */
const PASTES: readonly (readonly [name: string, paste: string, id: string])[] = [
  [
    "a longer text beats a shorter one in it",
    "disconnected (4008): connect failed — device token mismatch",
    "device-token-mismatch",
  ],
  [
    "the telling words beat the general ones",
    "[gateway] error: ENOSPC: no space left on device, write",
    "disk-full",
  ],
  [
    "a failure beats the good signs around it",
    '[gateway] starting...\n[gateway] listening on :18789\n[gateway] ready ms=20\n[ws] connect refused code=1008 reason="unauthorized: gateway token mismatch (provide gateway auth token)"',
    "token-drift",
  ],
  [
    "a good sign alone is a good sign",
    "Runtime: running (foreground, pid 4711)\nConnectivity probe: ok",
    "probe-ok",
  ],
  [
    "a line of the log file",
    '{"time":"2026-11-20T18:15:17.765Z","level":"error","subsystem":"gateway","message":"error: listen EADDRINUSE: address already in use :::18789","error":{"message":"listen EADDRINUSE"},"_meta":{"logLevelName":"ERROR"}}',
    "port-taken",
  ],
  [
    "the message inside an error object",
    '{"level":"error","message":"method failed","error":{"name":"Error","message":"database disk image is malformed"}}',
    "database-damaged",
  ],
  [
    "a frame of the protocol",
    '{"type":"res","id":"1","ok":false,"error":{"code":"INVALID_REQUEST","message":"unauthorized: gateway token missing (open the dashboard URL and paste the token in Control UI settings)","details":{"code":"AUTH_TOKEN_MISSING"}}}',
    "token-missing",
  ],
  [
    "an answer over HTTP",
    'HTTP/1.1 403 Forbidden\n{"error":{"message":"Proxy client attribution is required. The request carries","type":"proxy_attribution_required"}}',
    "proxy-untrusted",
  ],
  [
    "a crash loop, not its first line",
    "[gateway] starting...\n[gateway] error: boom\n[gateway] starting...\n[gateway] error: boom\n[gateway] starting...",
    "crash-loop",
  ],
  ["a line of the doctor", "18:15:17 [doctor] Little space is left [disk-low]", "disk-low"],
  ["an id alone", "disk-low", "disk-low"],
  ["a question in Chinese", "我的容器每次重啟 token 都會變,手機就連不上了", "token-regenerated"],
  [
    "full-width punctuation",
    "disconnected (4008): connect failed — device token mismatch",
    "device-token-mismatch",
  ],
  ["a table of a terminal", "│ Gateway │ not connected │", "gateway-not-running"],
  ["the exit code of a service", "Main process exited, code=exited, status=78/CONFIG", "exit-78"],
  ["a container that ran out of memory", 'docker inspect: "OOMKilled": true, "ExitCode": 137', "oom-killed"],
  [
    "an older Node",
    "Error [ERR_UNKNOWN_BUILTIN_MODULE]: No such built-in module: node:sqlite",
    "node-too-old",
  ],
  [
    "a model server that is away is no gateway that is away",
    "agent run failed: 127.0.0.1:11434: connect ECONNREFUSED 127.0.0.1:11434",
    "dependency-down",
  ],
  [
    "a limit of watched files is no full disk",
    "Error: ENOSPC: System limit for number of file watchers reached, watch '/home/ann'",
    "watchers-limit",
  ],
  [
    "a terminal that is too narrow",
    "gateway start blocked: set gateway.mode=local (current: unset) or pas",
    "gateway-mode-unset",
  ],
];
for (const [name, paste, id] of PASTES) test(`recognised: ${name}`, () => assert.equal(firstOf(paste), id));

test("the best comes first, with how sure it is and by which text", () => {
  const [best, ...rest] = recognise("Error: listen EADDRINUSE: address already in use 127.0.0.1:18789");
  assert.equal(best!.entry.id, "port-taken");
  assert.equal(best!.how, "exact");
  assert.match(best!.spelling, /EADDRINUSE/);
  assert.ok(best!.score > 0.75 && best!.score < 1);
  for (const { score } of rest) assert.ok(score <= best!.score);
  const [similar] = recognise("gatway did not becom ready");
  assert.equal(similar!.how, "similar");
  assert.ok(similar!.score < 0.75);
});

test("of a very long log the beginning and the end are read", () => {
  const quiet = "18:15:02 [turn] turn answered turnId=7 sessionKey=agent:main:main ms=812\n".repeat(5_000);
  assert.equal(firstOf(`${quiet}[gateway] error: SQLITE_FULL: database or disk is full`), "disk-full");
  assert.equal(firstOf(`database disk image is malformed\n${quiet}`), "database-damaged");
});

/** `new Fault("…")`, `new Fault(`…`)` and the classes made from it. */
const FAULT =
  /new (?:Fault|StartBlocked|ConfigWriteError)\(\s*(?:"[\w-]+",\s*)?(["`])((?:\\.|(?!\1)[^\\])+)\1/g;

test("every text that a Fault of the sources begins with is known", () => {
  const unknown = filesBelow("src", (file) => file.endsWith(".ts") && !file.includes(".test.")).flatMap(
    (file) =>
      [...readFileSync(join(ROOT, file), "utf8").matchAll(FAULT)]
        .map(([, , text]) => text!)
        .filter((text) => fixedWords(text) >= MIN_FIXED_WORDS && firstOf(asPrinted(text)) === undefined)
        .map((text) => `${file}: ${text}`),
  );
  assert.deepEqual(unknown, [], "add them to src/doctor/catalogue.json");
});

/** "… is damaged: …" says too little without what stands around it. */
const MIN_FIXED_WORDS = 3;

function fixedWords(text: string): number {
  return (text.replace(/\$\{[^}]*\}/g, " ").match(/[a-z]{2,}/gi) ?? []).length;
}

function asPrinted(text: string): string {
  return text.replace(/\\(["`])/g, "$1").replace(/\$\{([^}]*)\}/g, (_, expression: string) => {
    if (/path|file|dir|url/i.test(expression)) return "/home/ann/.openclaw/openclaw.json";
    return /port|pid|number|found|known|MAX_/i.test(expression) ? "7" : "thing";
  });
}
