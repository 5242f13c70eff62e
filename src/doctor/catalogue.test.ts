import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import type { AnyCommand } from "../cli/command.ts";
import { COMMANDS } from "../cli/commands.gen.ts";
import { findCommand } from "../cli/find-command.ts";
import { GLOBAL_FLAGS } from "../cli/globals.ts";
import { kebab } from "../cli/kebab.ts";
import { parsePath } from "../config/path.ts";
import { kindOfPath } from "../config/schema-path.ts";
import { type CatalogueEntry, catalogue, findEntry } from "./catalogue.ts";
import { SIGNATURE_TEXTS } from "./signature-texts.fixture.ts";

/** The findings of the doctor's checks: each carries the id of an entry here. */
const FINDINGS: Readonly<Record<string, readonly string[]>> = {
  "channel-policy": ["channel-dm-open", "channel-group-open", "channel-policy-unset"],
  "channel-state": [
    "channel-silent",
    "channel-permission",
    "channel-conflict",
    "channel-down",
    "outbox-dead-letters",
  ],
  "config-file": [
    "config-missing",
    "config-unreadable",
    "config-prefix",
    "config-truncated",
    "config-syntax",
    "config-invalid",
  ],
  "config-loss": ["config-clobbered"],
  "config-placeholder": ["config-placeholder"],
  "config-newer": ["config-newer"],
  "config-copies": ["config-copies"],
  "config-yaml": ["config-yaml"],
  "config-history": ["config-history-damaged"],
  "config-reload": ["config-not-in-force"],
  "legacy-keys": ["legacy-keys"],
  "gateway-mode": ["gateway-mode-unset", "gateway-mode-remote"],
  "start-refused": [
    "bind-without-auth",
    "auth-ambiguous",
    "auth-unsupported",
    "trusted-proxy-settings",
    "tls-unusable",
    "hook-token-reused",
    "bind-unusable",
    "start-refused",
  ],
  permissions: ["state-owner", "state-permissions", "secrets-readable"],
  "gateway-token": ["token-drift", "token-file-damaged", "token-weak"],
  "env-overrides": ["env-overrides"],
  "gateway-state": [
    "gateway-not-running",
    "gateway-not-ready",
    "gateway-version-skew",
    "gateway-unreachable",
  ],
  port: ["port-taken", "extra-port-taken"],
  instances: ["second-gateway"],
  "stale-files": ["stale-pid-file", "stale-drafts"],
  "last-exit": ["unclean-exit", "oom-killed", "crash-loop"],
  proxy: ["proxy-untrusted"],
  "websocket-path": ["websocket-blocked"],
  "idle-timeout": ["idle-timeout-short"],
  exposure: ["bound-beyond-loopback"],
  "guide-port": ["guide-port-3001"],
  "telegram-accounts": ["telegram-account", "telegram-sender-names"],
  memory: ["memory-low", "no-swap", "cgroup-limit-low", "oom-kills"],
  disk: ["disk-full", "disk-low", "disk-read-only"],
  container: ["container-no-volume", "container-loopback"],
  "service-unit": [
    "service-port-drift",
    "service-config-drift",
    "service-node-missing",
    "service-token-drift",
    "service-system-level",
    "other-gateways",
    "service-proxy-env",
    "service-version-drift",
    "service-no-linger",
  ],
  "node-version": ["node-too-old"],
  "split-install": ["split-install"],
  clock: ["clock-skew"],
  database: ["database-unreadable", "database-damaged", "database-newer"],
  workspace: ["workspace-unusable", "workspace-shared"],
  "log-folder": ["log-unwritable"],
  stability: ["stability-bundle"],
  devices: [
    "pairing-required",
    "pairing-upgrade",
    "device-token-mismatch",
    "devices-unreadable",
    "devices-set-aside",
  ],
  irc: ["irc-account", "irc-plaintext", "irc-allow-list", "irc-groups"],
  model: ["model-missing-key", "model-unusable", "model-demo", "provider-advice"],
  "model-calls": [
    "model-key-rejected",
    "model-billing",
    "model-not-found",
    "model-long-context",
    "model-string-content",
  ],
};

const line = v.pipe(v.string(), v.minLength(1), v.regex(/^\S[^\n]*\S$/));
const Entry = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/)),
  area: v.string(),
  severity: v.picklist(["error", "warning", "info"]),
  title: v.pipe(line, v.maxLength(110), v.regex(/[^.]$/)),
  why: v.pipe(line, v.regex(/[.?]$/)),
  fix: line,
  other: v.optional(v.pipe(v.array(line), v.minLength(1))),
  known: v.pipe(v.array(v.string()), v.minLength(1)),
  signatures: v.array(v.string()),
  checks: v.array(v.picklist(Object.keys(FINDINGS))),
  missing: v.optional(line),
});

test("every entry has the shape that its readers rely on", () => {
  for (const entry of catalogue()) {
    const parsed = v.safeParse(Entry, entry);
    assert.ok(parsed.success, `${entry.id}: ${parsed.issues?.map(({ message }) => message).join("; ")}`);
  }
});

test("ids and titles are not given twice", () => {
  for (const key of ["id", "title"] as const) {
    const values = catalogue().map((entry) => entry[key]);
    assert.deepEqual(
      values.filter((value, at) => values.indexOf(value) !== at),
      [],
    );
  }
});

test("a good sign says that it is one", () => {
  for (const { id, title } of catalogue().filter(({ area }) => area === "health")) {
    assert.match(title, /^A good sign: /, id);
  }
});

test("each row of the checklist of texts belongs to exactly one entry", () => {
  const claimed = catalogue().flatMap(({ signatures }) => signatures);
  assert.equal(claimed.length, 177);
  assert.deepEqual(claimed.toSorted(), Object.keys(SIGNATURE_TEXTS).toSorted());
});

test("every finding of the doctor has its entry, which names the check", () => {
  for (const [check, ids] of Object.entries(FINDINGS)) {
    for (const id of ids) assert.ok(findEntry(id)?.checks.includes(check), `${check}: ${id}`);
  }
});

test("nobody can change the catalogue", () => {
  const entry = findEntry("port-taken")!;
  assert.throws(() => (entry.known as string[]).push("x"), TypeError);
  assert.throws(() => Object.assign(entry, { fix: "rm -rf /" }), TypeError);
  assert.throws(() => (catalogue() as CatalogueEntry[]).pop(), TypeError);
  assert.equal(findEntry("no-such-failure"), undefined);
});

/** They come with this version but live elsewhere; their options are not looked at. */
const OTHERS = ["stop", "restart", "explain", "gateway restart", "gateway stop"];
const NOT_HERE = /\bopenclaw (?:cron|nodes|browser|approvals|system|secrets)\b/;

/** The commands of ours in a line of advice, each as its words. */
function commandsIn(text: string): string[][] {
  const commands = text.split(/ (?:&&|\|) |: |\$\(|\)/).flatMap((part) => {
    const found = /^(?:[A-Z_]+=\S+ )?(?:npx )?openclaw (.+)$/.exec(part.trim());
    return found ? [found[1]!] : [];
  });
  return commands.map((command) => command.match(/<[^>]*>|'[^']*'|"[^"]*"|\S+/g)!);
}

function advice({ fix, other = [], missing }: CatalogueEntry): string[] {
  return [...(missing ? [] : [fix]), ...other.filter((way) => !way.startsWith("in versions "))];
}

test("advice names only commands and options that this version has", async () => {
  for (const entry of catalogue()) {
    for (const text of advice(entry)) {
      for (const words of commandsIn(text)) {
        const rest = words[0] === "--profile" ? words.slice(2) : words;
        if (rest[0] === "<command>" || rest[0] === "--help" || rest[0] === "--version") continue;
        if (OTHERS.some((other) => `${rest.join(" ")} `.startsWith(`${other} `))) continue;
        const found = findCommand(COMMANDS, rest);
        assert.equal(found.kind, "command", `${entry.id}: openclaw ${rest.join(" ")}`);
        if (found.kind !== "command") continue;
        const { default: command } = (await found.entry.load()) as { default: AnyCommand };
        const known = [...flagsOf(command), ...GLOBAL_FLAGS, "--json"];
        const unknown = found.args.filter((arg) => arg.startsWith("--") && !known.includes(arg));
        assert.deepEqual(unknown, [], `${entry.id}: openclaw ${rest.join(" ")}`);
      }
    }
  }
});

function flagsOf({ options }: AnyCommand): string[] {
  return Object.entries(options).flatMap(([name, { otherNames = [] }]) =>
    [kebab(name), ...otherNames].map((flag) => `--${flag}`),
  );
}

test("advice that needs a command of another version says so", () => {
  for (const entry of catalogue()) {
    assert.ok(entry.missing !== undefined || !NOT_HERE.test(entry.fix), `${entry.id}: ${entry.fix}`);
  }
});

test("advice names only keys that the config has", () => {
  for (const entry of catalogue()) {
    for (const text of advice(entry)) {
      for (const [, typed] of text.matchAll(/openclaw config (?:get|set|unset) ('[^']+'|[^\s)]+)/g)) {
        const path = typed!.replaceAll("'", "").replaceAll(/<provider>/g, "mine");
        if (path.startsWith("<") || path === "gateway.token") continue;
        assert.ok(kindOfPath(parsePath(path)), `${entry.id}: ${path}`);
      }
    }
  }
});
