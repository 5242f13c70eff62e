import assert from "node:assert/strict";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { lastGoodPath } from "../../src/config/last-good.ts";
import { loadConfig } from "../../src/config/load.ts";
import { readEnv } from "../../src/platform/env.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import { bootsOf } from "./background.ts";
import { type StateFolder, TOKEN } from "./state.ts";

/** What clients were told, for the comparison with what is on disk. */
export interface Promised {
  /** Run ids that were acknowledged, in the order of the acknowledgements, with the session of each. */
  acknowledged?: readonly { runId: string; sessionKey: string }[];
  /** Runs that may have ended otherwise than answered. */
  mayFail?: (runId: string) => boolean;
  /** Texts that may be in no log. */
  secrets?: readonly string[];
  /** False where a gateway is still meant to run here. */
  stopped?: boolean;
  /** True where the test damaged the database itself. */
  databaseLost?: boolean;
}

type Row = Record<string, unknown>;

/**
 * The invariants of reliability.md §4, as far as there are parts that could break them, over everything a gateway has
 * left in its state folder. To be asked after each fault, when every gateway of the folder has been stopped in good order.
 */
export async function requireInvariants(state: StateFolder, promised: Promised = {}): Promise<void> {
  const found = [
    ...(promised.databaseLost ? [] : databaseFaults(state, promised)),
    ...(await configFaults(state)),
    ...openModes(state),
    ...leakedSecrets(state, promised.secrets ?? [TOKEN]),
    ...(promised.stopped === false ? [] : leftovers(state)),
    ...(promised.stopped === false ? [] : untoldEnds(state)),
  ];
  assert.deepEqual(found, []);
}

function databaseFaults(state: StateFolder, promised: Promised): string[] {
  const path = join(state.dir, "data/sessions.sqlite");
  if (!existsSync(path)) return promised.acknowledged?.length ? ["I1: there is no database"] : [];
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const all = (sql: string): Row[] => database.prepare(sql).all();
    const sound = all("PRAGMA integrity_check").map(({ integrity_check }) => String(integrity_check));
    if (sound.join() !== "ok") return [`I7: integrity_check: ${sound.join("; ")}`];
    const turns = all("SELECT rowid, * FROM turns ORDER BY accepted_at, rowid");
    const messages = all(
      `SELECT s.key, m.seq, m.run_id, json_extract(m.body, '$.role') AS role,
         instr(m.body, '"type":"toolCall"') > 0 AS calls
       FROM messages m JOIN sessions s USING (session_id) ORDER BY s.key, m.seq`,
    );
    return [
      ...all("PRAGMA foreign_key_check").map((row) => `I7: orphan row: ${JSON.stringify(row)}`),
      ...lostTurns(turns, promised),
      ...repeatedRows(turns, messages),
      ...disorder(turns, messages, promised),
      ...malformed(turns, messages),
    ];
  } finally {
    database.close();
  }
}

/** I1: whatever was acknowledged has come to an end, and the expected one. */
function lostTurns(turns: readonly Row[], { acknowledged = [], mayFail }: Promised): string[] {
  const states = new Map(turns.map(({ run_id, state }) => [run_id, state]));
  return acknowledged.flatMap(({ runId }) => {
    const state = states.get(runId);
    if (state === undefined) return [`I1: ${runId} was acknowledged and is gone`];
    if (state === "accepted" || state === "running") return [`I1: ${runId} is still ${state}`];
    if (state !== "ok" && state !== "merged" && !mayFail?.(runId)) return [`I1: ${runId} ended as ${state}`];
    return [];
  });
}

/** I2: a turn has its user message once, and one last word. */
function repeatedRows(turns: readonly Row[], messages: readonly Row[]): string[] {
  const rows = Map.groupBy(messages, ({ run_id }) => String(run_id));
  return turns.flatMap(({ run_id, state }) => {
    const own = rows.get(String(run_id)) ?? [];
    const users = own.filter(({ role }) => role === "user").length;
    const last = own.filter(({ role, calls }) => role === "assistant" && !calls).length;
    const faults: string[] = [];
    if (users > 1) faults.push(`I2: ${run_id} is ${users} times in the transcript`);
    if (last > 1) faults.push(`I2: ${run_id} was answered ${last} times`);
    if (state === "ok" && (users !== 1 || last !== 1))
      faults.push(`I5: ${run_id} is ok with ${users}+${last} rows`);
    return faults;
  });
}

/** I4: a session answers in the order in which its messages were taken. */
function disorder(
  turns: readonly Row[],
  messages: readonly Row[],
  { acknowledged = [] }: Promised,
): string[] {
  const asked = messages.filter(({ role }) => role === "user");
  const faults: string[] = [];
  for (const [key, rows] of Map.groupBy(asked, (row) => String(row.key))) {
    const inTranscript = rows.map(({ run_id }) => String(run_id));
    const isThere = new Set(inTranscript);
    const accepted = turns.filter((turn) => turn.session_key === key && isThere.has(String(turn.run_id)));
    const order = accepted.map(({ run_id }) => String(run_id));
    const known = inTranscript.filter((runId) => order.includes(runId));
    if (order.join() !== known.join())
      faults.push(`I4: ${key} was answered as ${known.join()}, not ${order.join()}`);
    const told = acknowledged.filter(({ runId }) => isThere.has(runId)).map(({ runId }) => runId);
    const kept = inTranscript.filter((runId) => told.includes(runId));
    const ofSession = told.filter((runId) => kept.includes(runId));
    if (kept.join() !== ofSession.join()) faults.push(`I4: ${key}: acknowledged in another order`);
  }
  return faults;
}

/** I5: numbers without a gap; user, (assistant with calls, results)*, assistant; never two open turns. */
function malformed(turns: readonly Row[], messages: readonly Row[]): string[] {
  const merged = new Set(turns.filter(({ state }) => state === "merged").map(({ run_id }) => run_id));
  const faults: string[] = [];
  for (const [key, rows] of Map.groupBy(messages, (row) => String(row.key))) {
    let open: unknown;
    for (const [index, { seq, run_id, role, calls }] of rows.entries()) {
      if (seq !== index + 1) faults.push(`I5: ${key} has message ${seq} in place ${index + 1}`);
      if (role === "user") {
        if (open !== undefined && !merged.has(run_id))
          faults.push(`I5: ${key} has ${open} and ${run_id} open`);
        open ??= run_id;
      } else {
        if (open === undefined) faults.push(`I5: ${key} has a ${role} at ${seq} that answers nothing`);
        if (role === "assistant" && !calls) open = undefined;
      }
    }
  }
  return faults;
}

/** I6: the config parses, or a good copy is beside it. */
async function configFaults(state: StateFolder): Promise<string[]> {
  if (!existsSync(state.configPath) || existsSync(lastGoodPath(state.configPath))) return [];
  const env = readEnv(state.env);
  return await loadConfig({ paths: resolvePaths(env), env }).then(
    () => [],
    (error: Error) => [`I6: no good config is left: ${error.message}`],
  );
}

/** I7: 0600 and 0700, the config and workspace of the owner apart. */
function openModes({ dir }: StateFolder): string[] {
  return filesOf(dir).flatMap((file) => {
    const found = lstatSync(join(dir, file));
    const isLoose = !found.isSymbolicLink() && (found.mode & 0o077) !== 0;
    return isLoose ? [`I7: ${file} has mode ${(found.mode & 0o777).toString(8)}`] : [];
  });
}

/** I8 */
function leakedSecrets(state: StateFolder, secrets: readonly string[]): string[] {
  return secrets.flatMap((secret) =>
    [...logTexts(state)]
      .filter(([, text]) => text.includes(secret))
      .map(([file]) => `I8: a secret is in ${file}`),
  );
}

/** I9: drafts, and processes that still have the folder in their environment. */
function leftovers({ dir }: StateFolder): string[] {
  const drafts = filesOf(dir).filter((file) => /\.(draft|tmp)$/.test(file) || file.endsWith("gateway.pid"));
  return [...drafts.map((file) => `I9: ${file} is left`), ...processesOf(dir)];
}

function processesOf(dir: string): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => textOf(`/proc/${pid}/environ`).includes(`OPENCLAW_STATE_DIR=${dir}\0`))
    .map((pid) => `I9: process ${pid} is left: ${textOf(`/proc/${pid}/cmdline`).replaceAll("\0", " ")}`);
}

/** I10: whoever said no goodbye is spoken of by the next boot; whoever failed says why. */
function untoldEnds(state: StateFolder): string[] {
  const boots = bootsOf(state);
  const logs = [...logTexts(state).values()].join("\n");
  return boots.flatMap((boot, index) => {
    const { end, pid } = boot;
    if (end) {
      const needsCause = end.kind === "failed" || end.kind === "hung";
      return needsCause && end.cause === undefined ? [`I10: ${pid} ${end.kind} without a cause`] : [];
    }
    if (index === boots.length - 1) return [`I10: the last boot (pid ${pid}) has no end`];
    // A boot that was killed at once has not had the time to tell of the one before; the next one that lives does.
    const heirs = boots.slice(index + 1).filter((next) => next.stages.some(({ stage }) => stage === "ready"));
    return heirs.length > 0 && !logs.includes("previous run")
      ? [`I10: nobody speaks of the end of ${pid}`]
      : [];
  });
}

function logTexts({ dir }: StateFolder): Map<string, string> {
  const files = filesOf(dir).filter((file) => file.startsWith("logs/") || file === "data/boots.jsonl");
  return new Map(
    files
      .filter((file) => lstatSync(join(dir, file)).isFile())
      .map((file) => [file, textOf(join(dir, file))]),
  );
}

function filesOf(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir, { recursive: true, encoding: "utf8" }) : [];
}

/** A process may end while it is looked at. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
