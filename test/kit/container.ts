import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../scripts/tree.ts";
import type { Ended } from "./process.ts";
import { until } from "./until.ts";

/**
 * Containers made of the kernel's own parts: namespaces of users, mounts, processes and network, a root folder of
 * their own with real mount points, and the built package with its entrypoint as process 1.
 */

/** The file system of one container; what a rebuild throws away. */
export interface ContainerRoot extends Disposable {
  dir: string;
}

/** A folder that outlives containers. */
export interface Volume extends Disposable {
  dir: string;
}

export interface ContainerInput {
  root: ContainerRoot;
  /** What is mounted, by its place; "tmpfs" is memory. */
  volumes?: Readonly<Record<string, Volume | "tmpfs">>;
  /** `docker run -e`, also seen by `exec`. */
  env?: NodeJS.ProcessEnv;
  /** Instead of the entrypoint. */
  command?: readonly string[];
  /** `docker run -u <uid>`: a user that no file knows, in the group 0. Only root can have one made. */
  uid?: number;
}

export interface Container extends AsyncDisposable {
  output(): string;
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** `docker exec <container> sh -c …` */
  exec(line: string): Promise<Ended>;
  /** `docker stop`: asks process 1 to end. */
  stop(): Promise<Ended>;
  ended: Promise<Ended>;
}

/** An address of the container that is not loopback; only inside of it. */
export const OUTER_ADDRESS = "10.77.0.2";

const OWN_USERS = ["--user", "--map-root-user"];
const OTHERS = ["--mount", "--pid", "--fork", "--net", "--kill-child"];
const NAMESPACES = [...OWN_USERS, ...OTHERS];

/** Why tests with containers are skipped here, or false. */
export const noContainer: string | false = findObstacle();

function findObstacle(): string | false {
  if (process.platform !== "linux") return "namespaces are Linux only";
  for (const tool of ["unshare", "nsenter", "chroot", "ip", "curl"])
    if (spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0) return `${tool} is not installed`;
  const probe = "mount -t tmpfs none /mnt && mkdir /mnt/p && mount -t proc proc /mnt/p && ip link set lo up";
  const { status, stderr } = spawnSync("unshare", [...NAMESPACES, "sh", "-c", probe], { encoding: "utf8" });
  return status !== 0 && `namespaces are not permitted here: ${stderr.trim()}`;
}

const SETUP = `
set -eu
root=$1 dist=$2 node=$3
shift 3
# Its own mount, as the root of every container is.
mount --bind "$root" "$root"
cd "$root"
mkdir -p proc dev etc tmp root opt/openclaw opt/node opt/bin
for name in bin sbin lib lib32 lib64 usr; do
  if [ -L "/$name" ]; then ln -sfn "$(readlink "/$name")" "$name"
  elif [ -d "/$name" ]; then mkdir -p "$name"; mount --bind "/$name" "$name"; mount -o remount,bind,ro "$root/$name"
  fi
done
mount -t proc proc proc
for name in null zero random urandom; do touch "dev/$name"; mount --bind "/dev/$name" "dev/$name"; done
mount --bind "$dist" opt/openclaw
touch opt/node/node && mount --bind "$node" opt/node/node
ln -sfn ../openclaw/openclaw.cjs opt/bin/openclaw
while [ "$1" != -- ]; do
  mkdir -p "./$1"
  if [ "$2" = tmpfs ]; then mount -t tmpfs none "./$1"; else mount --bind "$2" "./$1"; fi
  shift 2
done
shift
ip link set lo up
ip addr add ${OUTER_ADDRESS}/32 dev lo
exec chroot "$root" env -i "$@"
`;

export function makeRoot(): ContainerRoot {
  const dir = mkdtempSync(join(tmpdir(), "openclaw-container-"));
  chmodSync(dir, 0o755);
  mkdirSync(join(dir, "etc"));
  writeFileSync(join(dir, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  writeFileSync(join(dir, ".dockerenv"), "");
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

export function makeVolume(): Volume {
  const dir = mkdtempSync(join(tmpdir(), "openclaw-volume-"));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

export function runContainer({ root, volumes = {}, env = {}, command, uid }: ContainerInput): Container {
  const variables = Object.entries({
    PATH: "/opt/bin:/opt/node:/usr/bin:/bin:/usr/sbin:/sbin",
    HOME: "/root",
    NO_COLOR: "1",
    ...env,
  }).map(([name, value]) => `${name}=${value}`);
  const mounts = Object.entries(volumes).flatMap(([place, what]) => [
    place,
    what === "tmpfs" ? "tmpfs" : what.dir,
  ]);
  const become = uid === undefined ? [] : asUser(uid);
  const run = [...become, ...(command ?? ["/opt/openclaw/container/entrypoint.sh"])];
  const setup = [root.dir, join(ROOT, "dist"), process.execPath, ...mounts, "--", ...variables, ...run];
  // In a namespace of users that has root alone, nobody can become somebody else.
  const namespaces = uid === undefined ? NAMESPACES : OTHERS;
  const child = spawn("unshare", [...namespaces, "sh", "-c", SETUP, "sh", ...setup], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const main = collect(child);

  const container: Container = {
    output: () => main.text(),
    ended: main.ended,
    async printed(pattern) {
      return await until(`${pattern} in: ${main.text()}`, () => {
        const found = pattern.exec(main.text());
        if (!found && child.exitCode !== null) throw new Error(`ended without ${pattern}:\n${main.text()}`);
        return found ?? undefined;
      });
    },
    async exec(line) {
      const users = uid === undefined ? ["--user"] : [];
      const target = ["--target", String(await firstProcess(child)), ...users, "--mount", "--pid", "--net"];
      const inside = [...target, "--root", "--wd", "env", "-i", ...variables, ...become, "sh", "-c", line];
      return await collect(spawn("nsenter", inside, { stdio: ["ignore", "pipe", "pipe"] })).ended;
    },
    async stop() {
      process.kill(await firstProcess(child), "SIGTERM");
      return await main.ended;
    },
    async [Symbol.asyncDispose]() {
      // Process 1 takes everything in its namespace along; one that became somebody else does not end with unshare.
      if (uid !== undefined && child.exitCode === null) process.kill(await firstProcess(child), "SIGKILL");
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await main.ended;
    },
  };
  return container;
}

function asUser(uid: number): string[] {
  return [
    "setpriv",
    `--reuid=${uid}`,
    "--regid=0",
    "--clear-groups",
    "--inh-caps=-all",
    "--bounding-set=-all",
  ];
}

/** The id outside of what is process 1 inside, as soon as it has its own root. */
async function firstProcess({ pid }: ChildProcess): Promise<number> {
  const children = `/proc/${pid}/task/${pid}/children`;
  return await until("the container has a first process", () => {
    const [first] = existsSync(children) ? readFileSync(children, "utf8").split(" ") : [];
    return first && readlinkSync(`/proc/${first}/root`) !== "/" ? Number(first) : undefined;
  });
}

function collect(child: ChildProcess): { text(): string; ended: Promise<Ended> } {
  let [stdout, stderr, both] = ["", "", ""];
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    both += text;
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    both += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { text: () => both, ended };
}
