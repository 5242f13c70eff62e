import { release } from "node:os";
import { readBoots } from "../platform/boot-ledger.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import type { CommandContext } from "./context.ts";
import { discoverGateways, type FoundPlace } from "./gateway-discover.ts";

/** What `openclaw status --all` adds: everything somebody who helps would ask for next. No secrets. */
export interface Surroundings {
  machine: { system: string; node: string; openclaw: string };
  gateways: FoundPlace[];
  /** Newest first. */
  boots: { pid: number; version: string; startedAtMs: number; end?: string }[];
  /** Newest last, as they stand in the log file. */
  complaints: string[];
}

const ASK_MS = 1_000;
const BOOTS = 3;
const COMPLAINTS = 5;
const LINES = 500;
const COMPLAINT = /"level":"(warn|error|fatal)"/;

export async function surroundingsOf(context: CommandContext): Promise<Surroundings> {
  const { paths } = context;
  const [gateways, complaints] = await Promise.all([
    discoverGateways(context, ASK_MS),
    newestComplaints(paths.logsDir),
  ]);
  const boots = readBoots(paths).slice(-BOOTS).reverse();
  return {
    machine: {
      system: `${process.platform} ${release()} ${process.arch}`,
      node: process.version,
      openclaw: PRODUCT_VERSION,
    },
    gateways,
    boots: boots.map(({ pid, version, startedAtMs, end }) => ({
      ...{ pid, version, startedAtMs },
      ...(end && { end: [end.kind, end.cause].filter(Boolean).join(": ") }),
    })),
    complaints,
  };
}

/** Warnings and errors of the newest lines, as the log file has them. What else is in it is for `openclaw logs`. */
async function newestComplaints(logsDir: string): Promise<string[]> {
  const { fileSource } = await import("./log-source.ts");
  const lines = (await fileSource(logsDir).newest(LINES)) ?? [];
  return lines.filter((line) => COMPLAINT.test(line)).slice(-COMPLAINTS);
}
