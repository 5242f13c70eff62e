import type { BackupOptions, DatabaseSync } from "node:sqlite";

/** What reading a whole database through has shown. */
export type DatabaseVerdict =
  | { kind: "sound" }
  | { kind: "damaged"; problem: string }
  /** It could not be read; `code` as in `sqliteCode` or of the operating system. */
  | { kind: "unreadable"; problem: string };

export interface DatabaseTask {
  /** Absolute. */
  file: string;
  /**
   * `as-is`: nobody has it open and its journal is empty; not a byte is written. `beside`: next to those who have it open.
   * `copy`: nobody has it open, but its journal is not empty; it is read in a copy that is removed afterwards.
   */
  how: "as-is" | "beside" | { copyIn: string };
  /** First copy it to this path, as it is at one moment; then that copy is what is checked. */
  copyTo?: string;
}

export interface CheckOptions {
  /** For the child process; see `Env.childEnv`. */
  env: Record<string, string>;
  signal: AbortSignal;
}

const MAX_MS = 600_000;
const MAX_OUTPUT_BYTES = 10_000;

/**
 * Reads a database through, in a child process: it takes about two milliseconds for each megabyte, and the 20 MB it needs
 * would stay with this one for good. The child gets the text of `work`, which therefore uses nothing but its parameters.
 * Rejects with the reason of the signal, and when the child ends without an answer.
 */
export async function checkDatabase(task: DatabaseTask, options: CheckOptions): Promise<DatabaseVerdict> {
  const { env, signal } = options;
  const { runChild } = await import("./spawn.ts");
  const modules = ["sqlite", "fs", "url", "os"].map((name) => `${name}: require("node:${name}")`);
  const program = `(${work})({ ${modules} }, JSON.parse(process.argv[1])).then((said) => console.log(JSON.stringify(said)));`;
  const { output } = await runChild({
    command: process.execPath,
    args: ["--no-warnings", "-e", program, JSON.stringify(task)],
    cwd: "/",
    env,
    signal,
    timeoutMs: MAX_MS,
    maxOutputBytes: MAX_OUTPUT_BYTES,
  });
  signal.throwIfAborted();
  return parseVerdict(output);
}

function parseVerdict(output: string): DatabaseVerdict {
  try {
    return JSON.parse(output);
  } catch {
    throw new Error(`the database could not be read through: ${output.trim().split("\n").at(-1)}`);
  }
}

interface Modules {
  sqlite: typeof import("node:sqlite");
  fs: typeof import("node:fs");
  url: typeof import("node:url");
  os: typeof import("node:os");
}

async function work({ sqlite, fs, url, os }: Modules, task: DatabaseTask): Promise<DatabaseVerdict> {
  const { DatabaseSync, backup } = sqlite;
  const { file, how, copyTo } = task;
  /** Small steps, and often to the disk: others who wait for theirs wait shorter. */
  const PAGES_PER_STEP = 100;
  const PAGES_PER_SYNC = 250;
  const CORRUPT = 11;
  const NOT_A_DATABASE = 26;

  const open = (path: string, immutable: boolean): DatabaseSync => {
    const place = url.pathToFileURL(path);
    if (immutable) place.searchParams.set("immutable", "1");
    return new DatabaseSync(place, { readOnly: true, timeout: 1_000 });
  };

  const firstProblem = (db: DatabaseSync): string | undefined => {
    const [row] = db.prepare("PRAGMA quick_check(1)").all();
    return row?.quick_check === "ok" ? undefined : String(row?.quick_check);
  };

  const copyOut = async (target: string): Promise<void> => {
    // Whoever serves at the same time comes first.
    os.setPriority(10);
    const source = open(file, false);
    fs.closeSync(fs.openSync(target, "wx", 0o600));
    const fd = fs.openSync(target, "r+");
    try {
      // Inside of a read transaction the copy is of one moment, whatever is written meanwhile.
      source.exec("BEGIN");
      source.prepare("SELECT count(*) FROM sqlite_schema").get();
      let synced = 0;
      const options: BackupOptions = {
        rate: PAGES_PER_STEP,
        progress({ totalPages, remainingPages }) {
          if (totalPages - remainingPages - synced < PAGES_PER_SYNC) return;
          synced = totalPages - remainingPages;
          fs.fdatasyncSync(fd);
        },
      };
      await backup(source, target, options);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
      source.close();
    }
  };

  const look = async (): Promise<string | undefined> => {
    if (copyTo !== undefined) await copyOut(copyTo);
    const checked = open(copyTo ?? file, copyTo !== undefined || how === "as-is");
    try {
      return firstProblem(checked);
    } finally {
      checked.close();
    }
  };

  const lookAtCopy = (folder: string): string | undefined => {
    const own = fs.mkdtempSync(`${folder}/openclaw-check-`);
    try {
      const copy = `${own}/copy.sqlite`;
      fs.copyFileSync(file, copy);
      fs.copyFileSync(`${file}-wal`, `${copy}-wal`);
      const db = new DatabaseSync(copy);
      try {
        return firstProblem(db);
      } finally {
        db.close();
      }
    } finally {
      fs.rmSync(own, { recursive: true, force: true });
    }
  };

  try {
    const problem = typeof how === "object" ? lookAtCopy(how.copyIn) : await look();
    return problem === undefined ? { kind: "sound" } : { kind: "damaged", problem };
  } catch (error) {
    const { errcode, message } = error as Error & { errcode?: number };
    const code = (errcode ?? 0) & 0xff;
    const isDamage = code === CORRUPT || code === NOT_A_DATABASE;
    return { kind: isDamage ? "damaged" : "unreadable", problem: message };
  }
}
