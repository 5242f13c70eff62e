import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { closureOf, importsOf } from "../scripts/imports.ts";
import { filesBelow, ROOT } from "../scripts/tree.ts";

/**
 * Who may import whom. A room is missing here until it exists; a new arrow is a decision and is made in this table,
 * in the commit that needs it, with the reason.
 */
const ROOMS: Record<string, readonly string[]> = {
  protocol: [],
  platform: [],
  config: ["protocol", "platform"],
  access: ["protocol", "platform", "config"],
  sessions: ["protocol", "platform", "config"],
  agent: ["protocol", "platform", "config", "sessions"],
  // Chat platforms; who may speak and what becomes of it is decided in `turn`.
  channels: ["protocol", "platform", "config"],
  turn: ["protocol", "platform", "config", "access", "sessions", "agent", "channels"],
  tools: ["protocol", "platform", "config", "agent"],
  // What it looks at and repairs. The command line and the gateway run the same checks.
  // `channels`: which accounts the config describes, and what they lack.
  doctor: ["protocol", "platform", "config", "access", "sessions", "agent", "channels"],
  gateway: [
    "protocol",
    "platform",
    "config",
    "access",
    "sessions",
    "agent",
    "channels",
    "turn",
    "tools",
    "doctor",
  ],
  // `access`: its own device proof, and paired devices are managed on their store while no gateway runs.
  // `agent`: setup offers the models a gateway would find here, by the same look. `channels`: accounts are added, listed
  // and probed while no gateway runs. `sessions`: what waits to be sent is queued, listed and dropped on its store then.
  cli: ["protocol", "platform", "config", "access", "sessions", "agent", "channels", "doctor"],
};

/** The command line starts the gateway in the foreground; everything else it asks over the wire. */
const CLI_TO_GATEWAY = "src/gateway/run.ts";

const MAX_LINES = 300;
const VAGUE = /^(utils?|helpers?|common|misc|manager|stuff|base|core|shared|index)(\.|$)/;

const sources = filesBelow("src", (file) => file.endsWith(".ts"));
const production = sources.filter((file) => !file.endsWith(".test.ts"));
const room = (file: string): string => file.split("/")[1]!;

test("rooms import only what the table allows", () => {
  const wrong = production.flatMap((file) =>
    importsOf(file)
      .filter(({ ours, target }) => ours && room(target) !== room(file))
      .filter(({ kind, target }) => {
        if (ROOMS[room(file)]?.includes(room(target))) return false;
        if (room(file) !== "cli" || room(target) !== "gateway") return true;
        return !(kind === "type" || (kind === "dynamic" && target === CLI_TO_GATEWAY));
      })
      .map(({ kind, target }) => `${file} → ${target} (${kind})`),
  );
  assert.deepEqual(wrong, []);
});

test("every folder under src is a room of the table", () => {
  assert.deepEqual(new Set(sources.map(room)), new Set(Object.keys(ROOMS)));
});

test("no import cycles, type imports counted", () => {
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      cycles.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
      return;
    }
    state.set(file, "open");
    for (const { ours, kind, target } of importsOf(file)) {
      if (ours && kind !== "dynamic") visit(target, [...trail, file]);
    }
    state.set(file, "done");
  };
  for (const file of production) visit(file, []);
  assert.deepEqual(cycles, []);
});

test("files stay small and are named after what is in them", () => {
  const long = production
    .filter((file) => !file.endsWith(".gen.ts"))
    .map((file) => ({ file, lines: readFileSync(join(ROOT, file), "utf8").split("\n").length }))
    .filter(({ lines }) => lines > MAX_LINES);
  assert.deepEqual(long, []);
  assert.deepEqual(
    sources.filter((file) => VAGUE.test(basename(file))),
    [],
  );
});

test("the environment has one reader", () => {
  const readers = production.filter((file) =>
    /\bprocess\.env\b/.test(readFileSync(join(ROOT, file), "utf8")),
  );
  assert.deepEqual(readers, ["src/platform/env.ts"]);
});

test("Node's bundled fetch stays unloaded: 13 MB nobody here uses", () => {
  const users = production.filter((file) => {
    const source = readFileSync(join(ROOT, file), "utf8");
    // `ws` exports a class of the same name, and that one is fine.
    const globals = source.includes('import("ws")') ? source.replaceAll("new WebSocket(", "") : source;
    return /(?<![.\w])(fetch\(|new (Headers|Request|Response|WebSocket|FormData)\()/.test(globals);
  });
  assert.deepEqual(users, []);
});

test("the version path of the command line loads nothing", () => {
  const { files, packages } = closureOf("src/cli/main.ts");
  assert.ok(files.size <= 6, `src/cli/main.ts loads ${[...files].join(", ")}`);
  assert.deepEqual(
    [...packages].filter((name) => !name.startsWith("node:")),
    [],
  );
});

test("the boot path of the gateway loads only what it needs at once", () => {
  const { files, packages } = closureOf("src/gateway/run.ts");
  const foreign = [...packages].filter((name) => !name.startsWith("node:"));
  assert.deepEqual(foreign, ["valibot"]);
  for (const lazy of ["node:https", "node:tls", "node:child_process", "node:worker_threads", "node:http2"]) {
    assert.ok(!packages.has(lazy), `${lazy} is loaded before it is used`);
  }
  // 250 since device pairing: eleven methods and the decisions about a connect; its store is loaded with the first device.
  // 256 since the gateway counts and remembers what went wrong: two methods, /metrics and three small files; what looks
  // after memory and stalls is loaded after the start.
  assert.ok(files.size <= 256, `the boot path has ${files.size} files`);
});

test("importing an entry registers nothing: entries export one value", () => {
  const entries = [
    "src/gateway/methods",
    "src/gateway/routes",
    "src/agent/providers",
    "src/turn/commands",
    "src/doctor/checks",
    "src/platform/service/managers",
    "src/cli/commands",
  ].flatMap((folder) => filesBelow(folder, (file) => file.endsWith(".ts") && !file.endsWith(".test.ts")));
  const wrong = entries.filter(
    (file) => !/^export default define\w+\(/m.test(readFileSync(join(ROOT, file), "utf8")),
  );
  assert.deepEqual(wrong, []);
});
