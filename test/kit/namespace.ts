import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** What a private view of the machine has other than the real one, in the order in which it is made. */
export type ViewChange =
  /** A file or folder in the place of another one. */
  | { kind: "bind"; from: string; to: string; readOnly?: boolean }
  /** A small file system of its own; `options` as for mount(8), for example "size=8m". */
  | { kind: "tmpfs"; at: string; options: string }
  | { kind: "unmount"; at: string };

/** A mount namespace that lives until it is disposed, so that several commands see the same. */
export interface Namespace extends AsyncDisposable {
  /** What has to stand in front of a command for it to run in there. */
  through: readonly string[];
  /** How a path of the view is called from outside of it. */
  at(path: string): string;
}

const isRoot = process.getuid?.() === 0;
/** Without root a namespace of users is needed first, in which this user is root. */
const OWN = isRoot ? ["-m"] : ["-U", "-r", "-m"];

/** Why this machine does not let us, or undefined. */
export function namespaceRefusal(): string | undefined {
  if (process.platform !== "linux") return "mount namespaces are a thing of Linux";
  const { status, stderr, error } = spawnSync("unshare", [...OWN, "true"], { encoding: "utf8" });
  return status === 0 ? undefined : `unshare is not permitted: ${error?.message ?? stderr.trim()}`;
}

/** Faults are real for what runs in it: the product needs no hooks, and the machine itself stays as it is. */
export async function openNamespace(changes: readonly ViewChange[]): Promise<Namespace> {
  const script = ["set -e", ...changes.map(commandFor), "echo ready", "exec cat"].join("\n");
  // It ends with its stdin, also when the test is killed.
  const holder = spawn("unshare", [...OWN, "--propagation", "private", "sh", "-c", script], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  await ready(holder);
  const users = isRoot ? [] : ["-U", "--preserve-credentials"];
  return {
    at: (path) => `/proc/${holder.pid}/root${path}`,
    through: ["nsenter", "-t", String(holder.pid), ...users, "-m", "--"],
    async [Symbol.asyncDispose]() {
      holder.stdin!.end();
      if (holder.exitCode === null) await once(holder, "exit");
    },
  };
}

function commandFor(change: ViewChange): string {
  switch (change.kind) {
    case "bind": {
      const bind = `mount --bind ${quoted(change.from)} ${quoted(change.to)}`;
      return change.readOnly ? `${bind}\nmount -o remount,bind,ro ${quoted(change.to)}` : bind;
    }
    case "tmpfs":
      return `mount -t tmpfs -o ${change.options} tmpfs ${quoted(change.at)}`;
    case "unmount":
      return `umount ${quoted(change.at)}`;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function ready(holder: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let complaint = "";
    holder.stderr!.setEncoding("utf8").on("data", (text: string) => {
      complaint += text;
    });
    holder.stdout!.once("data", () => resolve());
    holder.once("error", reject);
    holder.once("exit", () => reject(new Error(`the namespace was not made: ${complaint}`)));
  });
}
