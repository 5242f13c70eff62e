import type { Finding } from "../doctor/finding.ts";
import type { Repaired } from "../doctor/repair.ts";
import { printable } from "../platform/printable.ts";
import type { Paint } from "./io.ts";

/** What `openclaw doctor --json` prints of a finding. The changes of a repair stay inside: they may hold secrets. */
export interface ReportedFinding extends Omit<Finding, "repair" | "place"> {
  path?: string;
  file?: string;
  line?: number;
  column?: number;
  repair?: { does: string; level: "safe" | "force"; plan: string[] };
}

export interface ReportedRepair {
  id: string;
  check: string;
  title: string;
  does: string;
  outcome: Repaired["outcome"];
  details: string[];
}

export interface DoctorReport {
  /** Nothing that keeps the gateway from starting or working is left. */
  ok: boolean;
  findings: ReportedFinding[];
  checksRun: number;
  checksSkipped: number;
  durationMs: number;
  /** With --fix, in the order in which they were made. */
  repairs?: ReportedRepair[];
  /** With --undo: what was taken back, newest first. */
  undone?: { finding: string; does: string }[];
}

const INDENT = "         ";
const OUTCOMES: Readonly<Record<Repaired["outcome"], string>> = {
  fixed: "fixed",
  "not-fixed": "not fixed",
  "taken-back": "taken back",
  failed: "failed",
  declined: "left",
};

export function doctorLines(report: DoctorReport, paint: Paint): string[] {
  const { findings, repairs = [], undone } = report;
  if (undone) return undone.map(({ finding, does }) => `taken back: ${printable(does)} [${finding}]`);
  const lines = repairs.flatMap((repair) => [...repairLines(repair, paint), ""]);
  for (const finding of findings) lines.push(...findingLines(finding, paint), "");
  return [...lines, summaryLine(report)];
}

export function findingLines(finding: ReportedFinding, { red, yellow, dim, bold }: Paint): string[] {
  const { severity, title, id, evidence, why, fix, repair } = finding;
  const color = severity === "error" ? red : severity === "warning" ? yellow : dim;
  const lines = [`${color(severity.padEnd(INDENT.length))}${bold(printable(title))} ${dim(`[${id}]`)}`];
  for (const line of evidence) lines.push(INDENT + printable(line));
  if (why !== "") lines.push(INDENT + printable(why));
  if (fix !== "") lines.push(`${INDENT}${dim("fix:")} ${bold(printable(fix))}`);
  if (repair) {
    const how = repair.level === "safe" ? "openclaw doctor --fix" : "openclaw doctor --fix --force";
    lines.push(`${INDENT}${dim(`${how} will ${printable(repair.does)}:`)}`);
    for (const line of repair.plan) lines.push(`${INDENT}  ${printable(line)}`);
  }
  return lines;
}

function repairLines({ outcome, title, id, does, details }: ReportedRepair, paint: Paint): string[] {
  const { green, red, yellow, dim, bold } = paint;
  const color = outcome === "fixed" ? green : outcome === "declined" ? yellow : red;
  return [
    `${color(OUTCOMES[outcome].padEnd(INDENT.length))}${bold(printable(title))} ${dim(`[${id}]`)}`,
    `${INDENT}${printable(does)}`,
    ...details.map((line) => INDENT + printable(line)),
  ];
}

function summaryLine({ findings, repairs = [], checksRun, durationMs }: DoctorReport): string {
  const count = (severity: Finding["severity"]) =>
    findings.filter((finding) => finding.severity === severity).length;
  const parts = [counted(count("error"), "error"), counted(count("warning"), "warning")];
  const found = parts.filter((part) => part !== "").join(", ");
  const fixed = repairs.filter(({ outcome }) => outcome === "fixed").length;
  const fixedText = repairs.length > 0 ? `${fixed} of ${repairs.length} repaired; ` : "";
  const left = found === "" ? "no problems found" : found;
  const checks = `${checksRun} checks in ${durationMs} ms`;
  const repairable = findings.filter(({ repair }) => repair?.level === "safe").length;
  const hint = repairable > 0 ? `; openclaw doctor --fix repairs ${repairable}` : "";
  const undo = fixed > 0 ? "; openclaw doctor --undo takes the repairs back" : "";
  return `${fixedText}${left} (${checks})${hint}${undo}`;
}

function counted(count: number, word: string): string {
  return count === 0 ? "" : `${count} ${word}${count === 1 ? "" : "s"}`;
}
