import assert from "node:assert/strict";
import { chownSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { runHere } from "./command.ts";
import { type DoctorAnswer, runDoctor } from "./doctor.ts";
import { type FolderImage, imageOf, imageWithout } from "./folder-image.ts";
import { openGateway } from "./gateway.ts";
import { firstOfEach } from "./long.ts";
import { type Namespace, namespaceRefusal, openNamespace, type ViewChange } from "./namespace.ts";
import { freePort } from "./port.ts";
import { spawnGateway } from "./process.ts";
import { QUIET, writeShims } from "./shims.ts";
import { localConfig, makeState, type StateFolder } from "./state.ts";

/** A machine with one fault, made for one test. */
export interface Scene {
  state: StateFolder;
  home: string;
  port: number;
  /** First on PATH. */
  shims: string;
  /** A path as this process has to call it: the scene may have a view of its own. */
  at(path: string): string;
}

export interface FaultRow {
  /** The failure the doctor has to name. */
  id: string;
  /** What is wrong, with the ids of messages in brackets. */
  name: string;
  /** Runs as this account; for what root is not refused. */
  as?: "nobody";
  config?: Record<string, unknown>;
  env?: Record<string, string>;
  /** A gateway has run here before: data, logs and a first conversation are there. */
  served?: true;
  /** How the view of the machine differs from the real one. */
  view?(scene: Scene): ViewChange[];
  /** Does the damage; what it returns is ended with the test. */
  inject?(scene: Scene): unknown;
  args?: readonly string[];
  /** An error: the gateway does not start, or does not do what it promises. Exit code 1. */
  blocking: boolean;
  /** Exit code 1 because of what else is wrong then. */
  exit?: 1;
  /** A gateway runs meanwhile, and writes its log and its journal. */
  running?: true;
  /** In the finding as JSON. */
  says?: RegExp;
  fix?: RegExp;
  /** How `doctor --fix` puts it right; otherwise it must change nothing. */
  repair?: "safe" | "force";
}

type Found = DoctorAnswer["findings"][number];

export const NOBODY = 65_534;
const AS_NOBODY = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
const WRITTEN_MEANWHILE = /^(logs\/|data\/sessions\.sqlite)/;

const isFirstOf = firstOfEach();

/**
 * One row, one test: the fault is found with a way out, and looking changes nothing. A repair takes the finding away;
 * after the first repair of each finding, or of all in a long run, the gateway starts and --undo puts back what was
 * there. What has no repair is left alone.
 */
export function testFault(row: FaultRow): void {
  test(`${row.id}: ${row.name}`, { skip: refusalOf(row) }, async () => {
    using state = makeState();
    const port = await freePort();
    state.write(localConfig(port, row.config));
    const home = dirname(state.dir);
    const shims = writeShims(join(home, "shims"), QUIET);
    Object.assign(state.env, { PATH: `${shims}:${state.env.PATH}` });
    await using namespace = await viewOf(row, { state, home, port, shims, at: (path) => path });
    const scene: Scene = { state, home, port, shims, at: (path) => namespace?.at(path) ?? path };
    if (row.as) giveAway(home);
    state.through = [...(namespace?.through ?? []), ...(row.as ? AS_NOBODY : [])];
    if (row.served) await serveOnce(state);
    Object.assign(state.env, row.env);
    await using _injected = disposable(await row.inject?.(scene));

    const image = () => {
      const whole = imageOf(scene.at(state.dir));
      return row.running ? imageWithout(whole, (path) => WRITTEN_MEANWHILE.test(path)) : whole;
    };
    const before = image();
    const found = await finds(row, scene);
    assert.deepEqual(image(), before, "looking has changed something");
    if (row.repair) await repairs(row, found, scene, before);
    else if (isFirstOf(row.id)) {
      await runDoctor(state, ["--fix"]);
      assert.deepEqual(image(), before, "--fix has changed something it has no repair for");
    }
  });
}

async function finds(row: FaultRow, { state }: Scene): Promise<Found> {
  const report = await runDoctor(state, row.args);
  const found = report.findings.find(({ id }) => id === row.id);
  const all = JSON.stringify(report.findings, null, 1);
  assert.ok(found, `not found; there are ${all}`);
  assert.equal(found.severity === "error", row.blocking, all);
  assert.equal(report.code, row.exit ?? (row.blocking ? 1 : 0), all);
  assert.notEqual(found.fix, "");
  assert.ok(found.evidence.length > 0);
  if (row.says) assert.match(JSON.stringify(found), row.says);
  if (row.fix) assert.match(found.fix, row.fix);
  assert.equal(found.repair?.level, row.repair, all);
  return found;
}

async function repairs(row: FaultRow, found: Found, scene: Scene, before: FolderImage): Promise<void> {
  const { state } = scene;
  const words = ["--fix", "--non-interactive", ...(row.repair === "force" ? ["--force"] : [])];
  const report = await runDoctor(state, words);
  const all = JSON.stringify(report, null, 1);
  const repaired = report.repairs?.filter(({ id, outcome }) => id === row.id && outcome === "fixed") ?? [];
  // What two checks see may be put right by the first of them.
  if (report.repairs?.some(({ outcome }) => outcome !== "fixed")) assert.fail(all);
  assert.ok(repaired.length > 0 || (report.repairs?.length ?? 0) > 0, all);
  assert.equal(
    report.findings.some(({ id }) => id === found.id),
    false,
    all,
  );
  assert.equal(report.code, 0, all);
  if (!isFirstOf(`${row.id} ${row.repair}`)) return;
  await startOnce(state);
  const undone = await runHere(["doctor", "--undo"], state);
  assert.equal(undone.code, 0, undone.stderr);
  assertBack(before, imageOf(scene.at(state.dir)), row.id === "database-damaged");
}

/** What the fault left is there again, byte for byte; what the gateway wrote meanwhile is its own. */
function assertBack(before: FolderImage, after: FolderImage, withDatabase: boolean): void {
  const written = withDatabase
    ? /^(logs\/|data\/(doctor|config-history|config\.lock|gateway\.lock|boots\.jsonl)|openclaw\.json\.last-good$)/
    : /^(logs\/|data\/(doctor|config-history|config\.lock|gateway\.lock|boots\.jsonl|sessions\.sqlite)|openclaw\.json\.last-good$)/;
  for (const [path, line] of before) {
    const rights = (text: string | undefined) => text?.split(" ").slice(0, 3).join(" ");
    if (!written.test(path)) assert.equal(after.get(path), line, path);
    else if (after.has(path)) assert.equal(rights(after.get(path)), rights(line), path);
  }
}

/** A gateway on the folder as its account sees it: in this process, where nothing asks for one of its own. */
async function startOnce(state: StateFolder, meanwhile?: () => Promise<void>): Promise<void> {
  if (!state.through?.length) {
    await using _gateway = await openGateway({ state, portOfConfig: true });
    return await meanwhile?.();
  }
  await using gateway = await spawnGateway(state);
  await meanwhile?.();
  gateway.child.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
}

/** Starts the gateway, lets it answer once and stops it. */
export async function serveOnce(state: StateFolder): Promise<void> {
  await startOnce(state, async () => {
    const agent = ["agent", "--message", "remember the heron"];
    const { code, stdout, stderr } = await runHere(agent, state);
    assert.equal(code, 0, stdout + stderr);
  });
}

function refusalOf(row: FaultRow): string | false {
  if (row.as && process.getuid?.() !== 0) return "only root can become somebody else";
  return (row.view && namespaceRefusal()) || false;
}

async function viewOf(row: FaultRow, scene: Scene): Promise<Namespace | undefined> {
  return row.view && (await openNamespace(row.view(scene)));
}

export function giveAway(folder: string, uid = NOBODY): void {
  chownSync(folder, uid, uid);
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    chownSync(join(folder, name), uid, uid);
}

function disposable(thing: unknown): AsyncDisposable {
  const { [Symbol.asyncDispose]: end, [Symbol.dispose]: endNow } = (thing ?? {}) as Partial<
    AsyncDisposable & Disposable
  >;
  return {
    async [Symbol.asyncDispose]() {
      await end?.call(thing as AsyncDisposable);
      endNow?.call(thing as Disposable);
    },
  };
}

/** A folder under the home of the scene, for a view. */
export function sceneFolder({ home }: Scene, name: string): string {
  const folder = join(home, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
