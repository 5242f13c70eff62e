/** One metric family of an OpenMetrics exposition. Values are in base units, as the name says. */
export interface MetricFamily {
  /** Without the suffix that its type asks for. */
  name: string;
  type: "gauge" | "counter" | "histogram" | "summary" | "info";
  help: string;
  /** Then the name ends with it. */
  unit?: "bytes" | "seconds";
  samples: readonly MetricSample[];
}

export interface MetricSample {
  /** Behind the family's name, for example `_total`. */
  suffix?: "_total" | "_bucket" | "_sum" | "_count" | "_info";
  labels?: Readonly<Record<string, string>>;
  value: number;
}

/** OpenMetrics 1.0.0: metadata before samples, families in one piece each, `# EOF` at the end. */
export function exposition(families: readonly MetricFamily[]): string {
  return `${families.flatMap(familyLines).join("\n")}\n# EOF\n`;
}

function familyLines({ name, type, help, unit, samples }: MetricFamily): string[] {
  return [
    `# TYPE ${name} ${type}`,
    ...(unit ? [`# UNIT ${name} ${unit}`] : []),
    `# HELP ${name} ${escaped(help)}`,
    ...samples.map(
      ({ suffix = "", labels = {}, value }) => `${name}${suffix}${labelText(labels)} ${number(value)}`,
    ),
  ];
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function number(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}
