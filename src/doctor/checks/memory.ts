import { type MemoryGroup, memoryGroupOf, memoryGroupPath } from "../../platform/cgroup.ts";
import type { Host } from "../../platform/host.ts";
import { readLockOwner } from "../../platform/lock.ts";
import { type Meminfo, parseMeminfo } from "../../platform/meminfo.ts";
import { parseMountinfo } from "../../platform/mounts.ts";
import { oomLines } from "../../platform/oom-lines.ts";
import { defineCheck } from "../check.ts";
import type { Observation } from "../finding.ts";
import { inBytes, megabytes } from "../megabytes.ts";

/** What the guides ask for. */
const NEEDED_BYTES = inBytes(256);
const SMALL_MACHINE_BYTES = inBytes(2_048);
const KILLS = { max: 3, maxAgeS: 7 * 24 * 3_600 };

const ADD_SWAP =
  "sudo fallocate -l 1G /swapfile && sudo chmod 600 /swapfile && sudo mkswap /swapfile && sudo swapon /swapfile";

export default defineCheck({
  id: "memory",
  summary: "there is memory for the gateway, and nobody was killed for want of it",
  where: "anywhere",
  async inspect({ host, paths, env, gateway, signal }) {
    const meminfo = parseMeminfo(host.text("/proc/meminfo") ?? "");
    const table = groupTable(readLockOwner(paths.pidFile)?.pid, host);
    const group = memoryGroupOf(table, parseMountinfo(host.text("/proc/self/mountinfo") ?? ""), host.text);
    const isInside = (await gateway()).reach === "inside";
    const kernelLog = isInside ? undefined : await host.run("dmesg", [], signal);
    const query = { ...KILLS, uptimeS: uptimeOf(host), group: memoryGroupPath(table) };
    return [
      ...(meminfo ? judgeMachine(meminfo) : []),
      ...judgeLimit(group, env.inContainer),
      ...judgeKills(group, oomLines(kernelLog ?? "", query)),
    ];
  },
});

/** Of the gateway where one runs: a service has a group of its own. */
function groupTable(pid: number | undefined, { text }: Host): string {
  return (pid && text(`/proc/${pid}/cgroup`)) || (text("/proc/self/cgroup") ?? "");
}

function uptimeOf({ text }: Host): number | undefined {
  return Number.parseFloat(text("/proc/uptime") ?? "") || undefined;
}

function judgeMachine({ totalBytes, availableBytes, swapTotalBytes }: Meminfo): Observation[] {
  const found: Observation[] = [];
  const noSwap = swapTotalBytes === 0 && totalBytes < SMALL_MACHINE_BYTES;
  if (availableBytes < NEEDED_BYTES) {
    found.push({
      id: "memory-low",
      severity: "warning",
      evidence: [
        `${megabytes(availableBytes)} of memory are available, of ${megabytes(totalBytes)}; the gateway should have 256 MB`,
      ],
      fix: noSwap ? ADD_SWAP : "ps -eo rss,pid,args --sort=-rss | head -n 5",
    });
  }
  if (noSwap) {
    found.push({
      id: "no-swap",
      severity: "info",
      evidence: [`${megabytes(totalBytes)} of memory, and no swap (SwapTotal: 0 kB)`],
      fix: ADD_SWAP,
    });
  }
  return found;
}

function judgeLimit({ limit }: MemoryGroup, inContainer: boolean): Observation[] {
  if (!limit || limit.bytes >= NEEDED_BYTES) return [];
  return [
    {
      id: "cgroup-limit-low",
      severity: "warning",
      evidence: [`${limit.file}: ${megabytes(limit.bytes)}; the gateway should have 256 MB`],
      fix: raiseLimit(limit.file, inContainer),
    },
  ];
}

function raiseLimit(file: string, inContainer: boolean): string {
  if (inContainer) return "docker update --memory=512m --memory-swap=1g <container>";
  const unit = /\/([^/]+\.(?:service|scope|slice))\/[^/]+$/.exec(file)?.[1];
  const user = /\/user@\d+\.service\//.test(file) ? "systemctl --user" : "sudo systemctl";
  return unit ? `${user} set-property ${unit} MemoryMax=512M` : `echo 536870912 | sudo tee ${file}`;
}

function judgeKills({ oomKills }: MemoryGroup, kernelLines: readonly string[]): Observation[] {
  const count = oomKills?.count ?? 0;
  if (count === 0 && kernelLines.length === 0) return [];
  return [
    {
      id: "oom-kills",
      severity: "warning",
      evidence: [...(count > 0 ? [`${oomKills!.file}: oom_kill ${count}`] : []), ...kernelLines],
      fix: count > 0 ? "docker update --memory=512m --memory-swap=1g <container>" : ADD_SWAP,
    },
  ];
}
