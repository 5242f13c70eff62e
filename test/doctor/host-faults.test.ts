import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { mountOf, parseMountinfo } from "../../src/platform/mounts.ts";
import { type FaultRow, type Scene, sceneFolder, testFault } from "../kit/doctor-fault.ts";
import { holdPort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { writeShims } from "../kit/shims.ts";
import { localConfig, makeState } from "../kit/state.ts";

const MB = 1_024;
const OOM = "Out of memory: Killed process 1234 (node) total-vm:2048000kB, anon-rss:900000kB, UID:0";

function meminfo({ total, available, swap = 0 }: { total: number; available: number; swap?: number }) {
  return ({ home }: Scene) => {
    const file = join(home, "meminfo");
    const rows = { MemTotal: total, MemFree: available, MemAvailable: available, SwapTotal: swap };
    writeFileSync(
      file,
      Object.entries(rows)
        .map(([key, mb]) => `${key}: ${mb * MB} kB\n`)
        .join(""),
    );
    return [{ kind: "bind", from: file, to: "/proc/meminfo" } as const];
  };
}

/** A control group of version 2 in the place of whatever this machine has. */
function controlGroup(files: Record<string, string>) {
  return (scene: Scene) => {
    const mounts = parseMountinfo(readFileSync("/proc/self/mountinfo", "utf8"));
    const path = /^0::(.+)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1] ?? "/";
    const v2 = mounts.find(({ fsType }) => fsType === "cgroup2")!;
    const v1 = mounts.find(({ fsType, options }) => fsType === "cgroup" && options.includes("memory"));
    const root = sceneFolder(scene, "cgroup");
    const own = join(root, path.startsWith(v2.root) && v2.root !== "/" ? path.slice(v2.root.length) : path);
    mkdirSync(own, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(own, name), text);
    return [
      ...(v1 ? [{ kind: "unmount", at: v1.path } as const] : []),
      { kind: "bind", from: root, to: v2.path } as const,
    ];
  };
}

/** The state folder on a small disk of its own. */
function smallDisk(options: string) {
  return ({ state }: Scene) => [{ kind: "tmpfs", at: state.dir, options } as const];
}

function writeConfig({ state, port, at }: Scene): void {
  writeFileSync(at(state.configPath), JSON.stringify(localConfig(port)), { mode: 0o600 });
}

const CGROUP_V1 = parseMountinfo(readText("/proc/self/mountinfo")).some(
  ({ fsType, options }) => fsType === "cgroup" && options.includes("memory"),
);

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

const MEMORY: FaultRow[] = [
  {
    id: "memory-low",
    name: "[mem-below-minimum] 90 MB are available",
    view: meminfo({ total: 16_000, available: 90, swap: 2_000 }),
    blocking: false,
    says: /90 MB of memory are available, of 16000 MB; the gateway should have 256 ?MB/,
    fix: /ps -eo rss/,
  },
  {
    id: "memory-low",
    name: "90 MB are available on a small machine without swap",
    view: meminfo({ total: 1_000, available: 90 }),
    blocking: false,
    fix: /fallocate -l 1G \/swapfile.*swapon/,
  },
  {
    id: "no-swap",
    name: "a small machine without swap",
    view: meminfo({ total: 1_000, available: 700 }),
    blocking: false,
    fix: /fallocate -l 1G \/swapfile.*swapon/,
  },
  {
    id: "cgroup-limit-low",
    name: "a limit of 128 MB, control groups version 2",
    view: controlGroup({ "memory.max": "134217728\n", "memory.events": "oom_kill 0\n" }),
    blocking: false,
    says: /memory\.max: 128 MB/,
  },
  {
    id: "cgroup-limit-low",
    name: "a limit of 128 MB in a container",
    env: { OPENCLAW_IN_CONTAINER: "1" },
    view: controlGroup({ "memory.max": "134217728\n" }),
    blocking: false,
    fix: /docker update --memory=512m/,
  },
  {
    id: "oom-kills",
    name: "the control group has had processes killed",
    view: controlGroup({ "memory.max": "max\n", "memory.events": "low 0\noom 4\noom_kill 2\n" }),
    blocking: false,
    says: /memory\.events: oom_kill 2/,
  },
  {
    id: "oom-kills",
    name: "[proc-oom-dmesg] the kernel log tells of it, in its own words",
    inject: ({ shims }) => writeShims(shims, { dmesg: `echo '[   12.345678] ${OOM}'` }),
    blocking: false,
    says: /Out of memory: Killed process \d+ \(\w+\) total-vm:\d+kB/,
  },
];

if (CGROUP_V1) {
  const folder = /^\d+:memory:(.+)$/m.exec(readText("/proc/self/cgroup"))?.[1] ?? "/";
  const point = parseMountinfo(readText("/proc/self/mountinfo")).find(({ options }) =>
    options.includes("memory"),
  )!.path;
  MEMORY.push({
    id: "cgroup-limit-low",
    name: "a limit of 64 MB, control groups version 1",
    view: ({ home }) => {
      writeFileSync(join(home, "limit"), "67108864\n");
      return [{ kind: "bind", from: join(home, "limit"), to: join(point, folder, "memory.limit_in_bytes") }];
    },
    blocking: false,
    says: /memory\.limit_in_bytes: 64 MB/,
  });
}

const DISK: FaultRow[] = [
  {
    id: "disk-full",
    name: "8 MB for everything",
    view: smallDisk("size=8m,mode=700"),
    inject: writeConfig,
    blocking: true,
    says: /has \d MB left/,
    fix: /^df -h /,
  },
  {
    id: "disk-full",
    name: "no inode is left",
    view: smallDisk("size=400m,nr_inodes=3,mode=700"),
    inject(scene) {
      writeConfig(scene);
      writeFileSync(scene.at(join(scene.state.dir, "filler")), "");
    },
    blocking: true,
    says: /no inode left/,
    fix: /^df -i /,
  },
  {
    id: "disk-low",
    name: "100 MB for everything",
    view: smallDisk("size=100m,mode=700"),
    inject: writeConfig,
    blocking: false,
    says: /tmpfs/,
  },
  {
    id: "disk-read-only",
    name: "the state folder is mounted read-only",
    view: ({ state }) => [{ kind: "bind", from: state.dir, to: state.dir, readOnly: true }],
    blocking: true,
    says: /read-only file system/,
    fix: /remount,rw/,
  },
];

const CONTAINER: FaultRow[] = [
  {
    id: "container-no-volume",
    name: "[docker-data-not-persisted] the state folder is in the container itself",
    config: { gateway: { bind: "lan" } },
    env: { OPENCLAW_IN_CONTAINER: "1" },
    // A machine may have /tmp on a disk of its own.
    view: ({ home }) =>
      mountOf(home, parseMountinfo(readText("/proc/self/mountinfo")))?.path === "/"
        ? []
        : [{ kind: "tmpfs", at: dirname(home), options: "size=300m" }],
    blocking: false,
    says: /not (on a volume|persist)/,
    fix: /docker run -v openclaw-data:/,
  },
  {
    id: "container-no-volume",
    name: "the state folder is in memory",
    config: { gateway: { bind: "lan" } },
    env: { OPENCLAW_IN_CONTAINER: "1" },
    view: smallDisk("size=300m,mode=700"),
    inject: writeConfig,
    blocking: false,
    says: /not on a volume: it is on a tmpfs/,
  },
  {
    id: "container-loopback",
    name: "[docker-unreachable-loopback] only the container itself can reach the port",
    env: { OPENCLAW_IN_CONTAINER: "1" },
    blocking: false,
    says: /container.*(loopback|127\.0\.0\.1)/i,
    fix: /^openclaw config set gateway\.bind "0\.0\.0\.0"$/,
  },
];

const PORTS: FaultRow[] = [
  {
    id: "port-taken",
    name: "[ready-port-in-use] another program has the port",
    inject: ({ port }) => holdPort(port),
    blocking: true,
    says: new RegExp(`held by pid ${process.pid}`),
    fix: /^openclaw config set gateway\.port \d+$/,
  },
  {
    id: "port-taken",
    name: "a program of another user has the port",
    as: "nobody",
    inject: ({ port }) => holdPort(port),
    blocking: true,
    says: /a program of another user/,
  },
  {
    id: "port-taken",
    name: "[lock-another-instance] the gateway of another state folder has the port",
    async inject({ port }) {
      const other = makeState(localConfig(port));
      const gateway = await spawnGateway(other);
      return {
        async [Symbol.asyncDispose]() {
          await gateway[Symbol.asyncDispose]();
          other[Symbol.dispose]();
        },
      };
    },
    blocking: true,
    says: /another gateway instance is already listening/,
  },
  {
    id: "extra-port-taken",
    name: "another program has a further port",
    async inject({ port, state }) {
      const holder = await holdPort();
      state.write(localConfig(port, { gateway: { extraPorts: [holder.port] } }));
      return holder;
    },
    blocking: false,
    says: new RegExp(`held by pid ${process.pid}`),
  },
];

const EXPOSURE: FaultRow[] = [
  { firewall: "ufw", program: "ufw", fix: /^sudo ufw allow \d+\/tcp$/ },
  {
    firewall: "firewalld",
    program: "firewall-cmd",
    fix: /^sudo firewall-cmd --permanent --add-port=\d+\/tcp/,
  },
  { firewall: "iptables", program: "iptables", fix: /^sudo iptables -I INPUT -p tcp --dport \d+ -j ACCEPT$/ },
].map(({ firewall, program, fix }) => ({
  id: "bound-beyond-loopback",
  name: `${firewall} stands in front of the port`,
  config: { gateway: { bind: "lan" } },
  view: (scene) => {
    const folder = writeShims(join(scene.home, "sbin"), { [program]: "exit 1" });
    return [{ kind: "bind", from: folder, to: "/usr/local/sbin" }];
  },
  blocking: false,
  says: new RegExp(`the firewall of this machine is ${firewall}`),
  fix,
}));

const FUTURE = new Date(Date.now() + 40 * 24 * 3_600_000);

const CLOCK: FaultRow[] = [
  {
    id: "clock-skew",
    name: "the config is of next month",
    inject: ({ state }) => utimesSync(state.configPath, FUTURE, FUTURE),
    blocking: false,
    says: /openclaw\.json is of 20/,
    fix: /timedatectl|sntp/,
  },
  {
    id: "clock-skew",
    name: "a log has a name of next century",
    served: true,
    inject: ({ state }) => writeFileSync(join(state.dir, "logs/gateway-2126-01-01.log"), "", { mode: 0o600 }),
    blocking: false,
    says: /2126-01-01/,
  },
];

for (const row of [...MEMORY, ...DISK, ...CONTAINER, ...PORTS, ...EXPOSURE, ...CLOCK]) testFault(row);
