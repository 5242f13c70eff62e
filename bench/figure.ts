/** One line of the result table: a measured value, what it is compared with, and the limit it has to keep. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** The same thing on the bare server in the same run; undefined for absolute figures. */
  against?: number;
  limit: { kind: "at most" | "at least"; ratio?: number; value?: number };
}

export interface JudgedFigure extends Figure {
  ratio: number | undefined;
  ok: boolean;
}

export function judge(figure: Figure): JudgedFigure {
  const ratio = figure.against === undefined ? undefined : figure.value / figure.against;
  const { kind, ratio: ratioLimit, value: valueLimit } = figure.limit;
  const keeps = (actual: number, limit: number) => (kind === "at most" ? actual <= limit : actual >= limit);
  const ok =
    (ratioLimit === undefined || (ratio !== undefined && keeps(ratio, ratioLimit))) &&
    (valueLimit === undefined || keeps(figure.value, valueLimit));
  return { ...figure, ratio, ok };
}

export function table(figures: readonly JudgedFigure[]): string {
  const rows = figures.map(({ name, value, unit, against, ratio, limit, ok }) => [
    ok ? "ok" : "MISS",
    name,
    `${round(value)} ${unit}`,
    against === undefined ? "" : `${round(against)} ${unit}`,
    ratio === undefined ? "" : `${ratio.toFixed(2)}×`,
    [
      limit.ratio === undefined ? "" : `${limit.kind} ${limit.ratio}×`,
      limit.value === undefined ? "" : `${limit.kind} ${limit.value} ${unit}`,
    ]
      .filter(Boolean)
      .join(", "),
  ]);
  const all = [["", "figure", "gateway", "bare", "ratio", "limit"], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2);
}
