import { printable } from "../platform/printable.ts";
import { findingLines } from "./doctor-report.ts";
import type { Explanation, Meaning } from "./explain-error.ts";
import type { Paint } from "./io.ts";

/** Meanings that are clearly behind the best one only distract. */
const CLOSE = 0.1;
const SURE: Readonly<Record<Meaning["how"], string>> = {
  exact: "word for word",
  cut: "word for word, cut at the end",
  similar: "by similar words",
};

export function explanationLines({ recognised, checks, findings }: Explanation, paint: Paint): string[] {
  const { bold, dim } = paint;
  const [best, ...others] = recognised;
  if (!best) {
    return ["No known message stands in this text.", `${dim("fix:")} ${bold("openclaw doctor")}`];
  }
  const lines = [
    `${bold(printable(best.title))} ${dim(`[${best.id}]`)}`,
    dim(`recognised ${SURE[best.how]}: ${printable(best.spelling)}`),
    printable(best.why),
    ...(best.missing === undefined
      ? []
      : [`This version has no ${best.missing}; the advice is that of versions that do.`]),
    "",
    ...here(checks, findings, best, paint),
  ];
  const close = others.filter(({ score }) => score >= best.score - CLOSE);
  if (close.length > 0) lines.push("", dim("It may also be:"));
  for (const { title, id } of close) lines.push(`  ${printable(title)} ${dim(`[${id}]`)}`);
  return lines;
}

function here(
  checks: readonly string[],
  findings: Explanation["findings"],
  best: Meaning,
  paint: Paint,
): string[] {
  const { bold, dim, green } = paint;
  const advice = [
    `${dim("fix:")} ${bold(printable(best.fix))}`,
    ...best.other.map((line) => `     ${printable(line)}`),
  ];
  if (checks.length === 0) return advice;
  const decisive = findings.filter(({ id }) => id === best.id);
  const shown = decisive.length > 0 ? decisive : findings.filter(({ severity }) => severity !== "info");
  const looked = checks.join(", ");
  if (shown.length === 0) {
    return [
      green("It is not so on this machine now.") + dim(` (checked: ${looked})`),
      "If it comes back:",
      ...advice,
    ];
  }
  const heading =
    decisive.length > 0 ? "It is so on this machine:" : "This machine has something else that fits:";
  return [
    bold(heading) + dim(` (checked: ${looked})`),
    ...shown.flatMap((finding) => findingLines(finding, paint)),
    ...(best.other.length > 0
      ? [dim("other ways:"), ...best.other.map((line) => `     ${printable(line)}`)]
      : []),
  ];
}
