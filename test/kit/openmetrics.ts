/** A family as a reader of OpenMetrics 1.0.0 sees it. */
export interface ReadFamily {
  type: string;
  unit: string | undefined;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?!$)|$)/y;
const SUFFIXES: Record<string, readonly string[]> = {
  gauge: [""],
  counter: ["_total", "_created"],
  info: ["_info"],
  summary: ["", "_sum", "_count", "_created"],
  histogram: ["_bucket", "_sum", "_count", "_created"],
};

/** Reads an exposition and throws at the first thing the specification does not allow. */
export function readOpenMetrics(text: string): Map<string, ReadFamily> {
  if (!text.endsWith("# EOF\n")) throw new Error("does not end with # EOF and a line feed");
  const families = new Map<string, ReadFamily>();
  let current: ReadFamily | undefined;
  let currentName = "";
  const seen = new Set<string>();
  const lines = text.slice(0, -"# EOF\n".length).split("\n");
  if (lines.pop() !== "") throw new Error("the last sample has no line feed");

  for (const line of lines) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const [, keyword, name = "", rest = ""] = /^# (TYPE|UNIT|HELP) (\S+) ?(.*)$/.exec(line) ?? [];
    if (keyword) {
      if (!NAME.test(name)) fail("not a name");
      if (keyword === "TYPE") {
        if (families.has(name)) fail("a family comes in one piece");
        if (!(rest in SUFFIXES)) fail("unknown type");
        current = { type: rest, unit: undefined, samples: [] };
        currentName = name;
        families.set(name, current);
      } else if (name !== currentName || !current) {
        fail("metadata of another family");
      } else if (current.samples.length > 0) {
        fail("metadata behind samples");
      } else if (keyword === "UNIT") {
        if (!name.endsWith(`_${rest}`)) fail("the name does not end with the unit");
        current.unit = rest;
      }
      continue;
    }
    const [, sample = "", labelText = "", value = ""] = SAMPLE.exec(line) ?? fail("not a sample");
    const family = current ?? fail("a sample without a family");
    if (!SUFFIXES[family.type]!.some((suffix) => sample === currentName + suffix)) fail("not of this family");
    const labels = readLabels(labelText) ?? fail("bad labels");
    const key = `${sample} ${JSON.stringify(Object.entries(labels).sort())}`;
    if (seen.has(key)) fail("the same series twice");
    seen.add(key);
    const number = value.endsWith("Inf") ? Number(`${value}inity`) : Number(value);
    if (family.type === "counter" && !(number >= 0)) fail("a counter is not negative");
    if (labels.quantile !== undefined && (family.type !== "summary" || !/^\d+\.\d+$/.test(labels.quantile)))
      fail("not a quantile");
    if (labels.le !== undefined && !/^(\d+\.\d+|\+Inf)$/.test(labels.le)) fail("not a bound");
    family.samples.push({ name: sample, labels, value: number });
  }
  for (const [name, { type, samples }] of families) if (type === "histogram") checkHistogram(name, samples);
  return families;
}

function readLabels(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  for (let at = 0; at < text.length; ) {
    LABEL.lastIndex = at;
    const found = LABEL.exec(text);
    if (!found || found[1]! in labels) return undefined;
    labels[found[1]!] = found[2]!;
    at = LABEL.lastIndex;
  }
  return labels;
}

function checkHistogram(name: string, samples: ReadFamily["samples"]): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => (labels.le === "+Inf" ? Infinity : Number(labels.le)));
  if (bounds.at(-1) !== Infinity) throw new Error(`${name}: no +Inf bucket at the end`);
  for (let i = 1; i < buckets.length; i++) {
    if (bounds[i]! <= bounds[i - 1]! || buckets[i]!.value < buckets[i - 1]!.value)
      throw new Error(`${name}: buckets are not in order`);
  }
  const count = samples.find((sample) => sample.name === `${name}_count`)?.value;
  if (count !== buckets.at(-1)!.value) throw new Error(`${name}: the count is not that of the last bucket`);
}
