import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { configVersions } from "../../config/history.ts";
import { defineCheck } from "../check.ts";
import type { Facts } from "../facts.ts";
import { listed } from "../listed.ts";

const DAY_MS = 24 * 3_600_000;

export default defineCheck({
  id: "clock",
  summary: "the clock is right, as far as files and this version tell",
  where: "anywhere",
  inspect(facts) {
    const { nowMs, version, host } = facts;
    const released = releasedAtMs(version);
    const late = nowMs < released - DAY_MS;
    const future = recordedTimes(facts).filter(({ atMs }) => atMs > nowMs + DAY_MS);
    if (!late && future.length === 0) return [];
    return [
      {
        id: "clock-skew",
        severity: "warning",
        title: "The clock of this machine is wrong, or was",
        why: "Certificates, tokens and reminders depend on it; a machine without a battery starts with an old date.",
        evidence: [
          `it is ${isoDay(nowMs)} by the clock of this machine`,
          ...(late ? [`version ${version} was not there before ${isoDay(released)}`] : []),
          ...listed(future.map(({ what, atMs }) => `${what} is of ${isoDay(atMs)}`)),
        ],
        fix: host.platform === "darwin" ? "sudo sntp -sS time.apple.com" : "sudo timedatectl set-ntp true",
      },
    ];
  },
});

/** The version is a date: year, month, number. */
function releasedAtMs(version: string): number {
  const [year, month] = version.split(".").map(Number);
  return year && month ? Date.UTC(year, month - 1, 1) : 0;
}

/** What was written while the clock was right, or wrong: the config, its versions, the log. */
function recordedTimes({ paths, nowMs }: Facts): { what: string; atMs: number }[] {
  const versions = configVersions(paths).map(({ number, atMs }) => ({
    what: `version ${number} of the config`,
    atMs,
  }));
  const files = [paths.configPath, paths.sessionsDb, paths.pidFile, ...filesIn(paths.logsDir)];
  const times = files.map((file) => ({
    what: file,
    atMs: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  }));
  const days = filesIn(paths.logsDir).map((file) => ({ what: `the name of ${file}`, atMs: dayIn(file) }));
  return [...versions, ...times, ...days].filter(({ atMs }) => Number.isFinite(atMs) && atMs > nowMs);
}

function dayIn(file: string): number {
  return Date.parse(/gateway-(\d{4}-\d\d-\d\d)(?:\.\d+)?\.log$/.exec(file)?.[1] ?? "");
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}
