import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { LAUNCHER } from "./process.ts";
import type { StateFolder } from "./state.ts";

/** One thing a program did to the file system, in the order in which it did it. */
export type FsOp =
  | { kind: "open"; path: string; creates: boolean; truncates: boolean }
  | { kind: "write"; path: string; data: Buffer; offset: number | undefined }
  | { kind: "truncate"; path: string; length: number }
  | { kind: "sync"; path: string }
  | { kind: "rename"; path: string; to: string }
  | { kind: "unlink"; path: string }
  | { kind: "mkdir"; path: string };

const CALLS =
  "open,openat,creat,write,pwrite64,writev,pwritev,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,rmdir,ftruncate,truncate,mkdir,mkdirat,link,linkat,copy_file_range,sendfile";

const strace = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "strace"))
  .find(existsSync);

/** Why tests that trace are skipped here, or false; where the machine must be complete they fail instead. */
export const noTrace: string | false = whyNoTrace();

function whyNoTrace(): string | false {
  if (process.env.OPENCLAW_TEST_REQUIRE_SYSTEM === "1") return false;
  if (strace === undefined) return "strace is not installed";
  try {
    execFileSync(strace, ["-o", "/dev/null", "true"], { stdio: "ignore" });
    return false;
  } catch {
    return "strace may not trace here";
  }
}

/** Runs the real binary to its end and returns what it did below the state folder. Throws when it fails. */
export async function traceOpenclaw(args: readonly string[], state: StateFolder): Promise<FsOp[]> {
  if (strace === undefined) throw new Error("strace is not installed: apt-get install -y strace");
  const dir = mkdtempSync(join(tmpdir(), "openclaw-trace-"));
  const file = join(dir, "trace");
  try {
    const flags = ["-f", "-y", "-xx", "-s", "10000000", "-e", `trace=${CALLS}`, "-o", file];
    const child = spawn(strace, [...flags, process.execPath, LAUNCHER, ...args], {
      // A cache of compiled code is no business of these tests; this name is none it would use.
      env: { ...state.env, XDG_CACHE_HOME: "nowhere" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${stderr}`);
    return parseTrace(readFileSync(file, "utf8")).filter((op) => `${op.path}/`.startsWith(`${state.dir}/`));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Calls that another thread has interrupted come in two lines. */
function wholeLines(trace: string): string[] {
  const begun = new Map<string, string>();
  return trace.split("\n").flatMap((line) => {
    const [, pid, rest] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || rest === undefined) return [];
    const unfinished = rest.indexOf(" <unfinished ...>");
    if (unfinished !== -1) {
      begun.set(pid, rest.slice(0, unfinished));
      return [];
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    return resumed ? [`${begun.get(pid) ?? ""}${resumed[1]}`] : [rest];
  });
}

function parseTrace(trace: string): FsOp[] {
  return wholeLines(trace).flatMap((line) => parseCall(line) ?? []);
}

function parseCall(line: string): FsOp | undefined {
  const [, name, args, result] = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(line) ?? [];
  if (name === undefined || args === undefined || Number(result) < 0) return undefined;
  const strings = [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) => bytes(hex!));
  const [first = "", second = ""] = strings.map(String);
  // Of an open file strace tells the path behind its number.
  const opened = bytes(/^\d+<((?:\\x[0-9a-f]{2})*)>/.exec(args)?.[1] ?? "").toString();
  const numbers = args.split(",").map((arg) => Number(arg.trim()));
  switch (name) {
    case "open":
    case "openat":
    case "creat":
      return {
        kind: "open",
        path: first,
        creates: name === "creat" || args.includes("O_CREAT"),
        truncates: name === "creat" || args.includes("O_TRUNC"),
      };
    case "write":
      return { kind: "write", path: opened, data: strings[0] ?? Buffer.alloc(0), offset: undefined };
    case "pwrite64":
      return { kind: "write", path: opened, data: strings[0] ?? Buffer.alloc(0), offset: numbers.at(-1) };
    case "fsync":
    case "fdatasync":
      return { kind: "sync", path: opened };
    case "rename":
    case "renameat":
    case "renameat2":
      return { kind: "rename", path: first, to: second };
    case "unlink":
    case "unlinkat":
    case "rmdir":
      return { kind: "unlink", path: first };
    case "mkdir":
    case "mkdirat":
      return { kind: "mkdir", path: first };
    case "truncate":
    case "ftruncate":
      return { kind: "truncate", path: opened || first, length: numbers.at(-1)! };
    default:
      throw new Error(`a call these tests know nothing about: ${name}`);
  }
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll("\\x", ""), "hex");
}
