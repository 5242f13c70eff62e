import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { configVersions, recordHandEdit } from "../../src/config/history.ts";
import { loadConfig } from "../../src/config/load.ts";
import { updateConfig } from "../../src/config/store.ts";
import type { ConfigTexts } from "../../src/config/version.ts";
import { readEnv } from "../../src/platform/env.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import { crashImages, openImageFolder, readImage } from "../kit/crash-images.ts";
import { makeState, type StateFolder } from "../kit/state.ts";
import { noTrace, traceOpenclaw } from "../kit/trace.ts";

const MAIN = `{
  // stays
  gateway: { mode: "local", port: 1 },
  cron: { $include: "./cron.json5" },
}
`;
const CRON = "// by hand\n{ enabled: true }\n";
const MIN_IMAGES = 2_000;
/** On every so many images somebody goes on working. */
const WRITE_EVERY = 20;

interface Recorded {
  name: string;
  /** Ports that were set one after the other before; [] for files made by hand, undefined for no files at all. */
  ports: readonly number[] | undefined;
  command: readonly string[];
}

const TWENTY = Array.from({ length: 20 }, (_, i) => i + 2);

const COMMANDS: Recorded[] = [
  {
    name: "the first config set of all",
    ports: undefined,
    command: ["config", "set", "gateway.mode", "local"],
  },
  {
    name: "the first change of a file made by hand",
    ports: [],
    command: ["config", "set", "gateway.port", "7"],
  },
  {
    name: "config set with a full history",
    ports: TWENTY,
    command: ["config", "set", "gateway.port", "77"],
  },
  {
    name: "config patch",
    ports: [2],
    command: ["config", "patch", "{ gateway: { port: 7, bind: 'lan', auth: { token: 'abcdefgh' } } }"],
  },
  {
    name: "config set into an included file",
    ports: [2],
    command: ["config", "set", "cron.enabled", "false"],
  },
  {
    name: "config patch of two files",
    ports: [2],
    command: [
      "config",
      "patch",
      "{ gateway: { port: 7 }, cron: { enabled: false, maxConcurrentRuns: 200 } }",
    ],
  },
  { name: "config undo of two files", ports: [2, 3], command: ["config", "undo"] },
];

/** What is in the two files; undefined for one that is not there. */
function textsIn(state: StateFolder): { main: string | undefined; cron: string | undefined } {
  const read = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : undefined);
  return { main: read(state.configPath), cron: read(join(state.dir, "cron.json5")) };
}

let total = 0;

for (const { name, ports, command } of COMMANDS) {
  test(`[R03] a crash at any moment of ${name} leaves complete files, and nothing is lost`, {
    skip: noTrace,
  }, async (t) => {
    using state = makeState(ports && MAIN);
    if (ports) writeFileSync(join(state.dir, "cron.json5"), CRON);
    const env = readEnv(state.env);
    const paths = resolvePaths(env);
    const setPort = async (port: number) => {
      const edits = [
        { path: ["gateway", "mode"], value: "local" },
        { path: ["gateway", "port"], value: port },
        ...(ports ? [{ path: ["cron", "maxConcurrentRuns"], value: (port % 100) + 1 }] : []),
      ];
      await updateConfig({ paths, env, version: "2026.11.1", author: { kind: "cli" }, command: "x", edits });
    };
    for (const port of ports ?? []) await setPort(port);
    const before = existsSync(state.dir) ? readImage(state.dir) : new Map();
    const old = textsIn(state);
    const ops = await traceOpenclaw(command, state);
    const young = textsIn(state);
    assert.notDeepEqual(young, old);

    const folder = openImageFolder(state.dir);
    let images = 0;
    for (const image of crashImages(state.dir, before, ops)) {
      const what = `image ${images++}`;
      folder.show(image);
      const found = textsIn(state);
      assert.ok([old.main, young.main].includes(found.main), `${what}: ${found.main}`);
      assert.ok([old.cron, young.cron].includes(found.cron), `${what}: ${found.cron}`);
      // The stamp in the main file says that all of it is there.
      if (found.main === young.main) assert.deepEqual(found, young, what);

      await loadConfig({ paths, env });
      const versions = configVersions(paths);
      for (const version of versions) assert.ok(version.text.endsWith("}\n"), what);
      if (found.main !== old.main || found.cron !== old.cron) assert.ok(hasVersion(versions, old), what);
      if (images % WRITE_EVERY === 0) {
        await recordHandEdit(paths);
        await setPort(4_242);
        assert.equal((await loadConfig({ paths, env })).config.gateway?.port, 4_242, what);
        folder.forget();
      }
    }
    total += images;
    t.diagnostic(`${ops.length} operations, ${images} distinct images`);
  });
}

/** What the files said before is in the history, whole. */
function hasVersion(versions: readonly ConfigTexts[], { main, cron }: ReturnType<typeof textsIn>): boolean {
  if (main === undefined) return true;
  return versions.some(
    ({ text, files }) => text === main && files?.find(({ path }) => path === "cron.json5")?.text === cron,
  );
}

after(() => {
  if (noTrace === false) assert.ok(total >= MIN_IMAGES, `${total} images`);
});
