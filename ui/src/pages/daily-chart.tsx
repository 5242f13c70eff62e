import { useSignal } from "@preact/signals";
import { language, money, number, words } from "../words/words.ts";
import type { Sums } from "./usage.tsx";

type Day = { date: string } & Pick<Sums, "totalCost" | "totalTokens">;
type Measure = "totalCost" | "totalTokens";

const WIDTH = 720;
const HEIGHT = 160;
const GAP = 0.2;
const DAY_MS = 86_400_000;

/** One bar for each day; the days nothing happened are there too. */
export function DailyChart({ daily, days }: { daily: readonly Day[]; days: number }) {
  const text = words.value.usage;
  const hasCost = daily.some(({ totalCost }) => totalCost > 0);
  const chosen = useSignal<Measure>(hasCost ? "totalCost" : "totalTokens");
  const measure = chosen.value;
  const bars = everyDay(daily, days);
  const most = Math.max(...bars.map((day) => day[measure]), Number.MIN_VALUE);
  const say = (value: number) => (measure === "totalCost" ? money(value) : number(value));
  const step = WIDTH / bars.length;
  const peak = bars.find((day) => day[measure] === most);
  return (
    <figure class="chart">
      <figcaption class="row">
        <span>{text.perDay}</span>
        <select
          id="usage-measure"
          aria-label={text.measure}
          value={measure}
          onChange={({ currentTarget }) => {
            chosen.value = currentTarget.value as Measure;
          }}
        >
          <option value="totalCost">{text.cost}</option>
          <option value="totalTokens">{text.tokens}</option>
        </select>
        {peak && <span class="fine">{text.most(say(most), shortDay(peak.date))}</span>}
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={text.chart(say(most))}
        preserveAspectRatio="none"
      >
        {[0.25, 0.5, 0.75, 1].map((share) => (
          <line
            key={share}
            x1="0"
            x2={WIDTH}
            y1={HEIGHT * (1 - share)}
            y2={HEIGHT * (1 - share)}
            class="grid"
          />
        ))}
        {bars.map((day, index) => {
          const height = (day[measure] / most) * HEIGHT;
          return (
            <rect
              key={day.date}
              class="bar"
              x={step * (index + GAP / 2)}
              y={HEIGHT - height}
              width={step * (1 - GAP)}
              height={height}
            >
              <title>{`${shortDay(day.date)}: ${say(day[measure])}`}</title>
            </rect>
          );
        })}
      </svg>
      <p class="fine ends">
        <span>{shortDay(bars[0]!.date)}</span>
        <span>{shortDay(bars.at(-1)!.date)}</span>
      </p>
    </figure>
  );
}

function everyDay(daily: readonly Day[], days: number): Day[] {
  const known = new Map(daily.map((day) => [day.date, day]));
  const last = daily.at(-1)?.date ?? dateOf(Date.now());
  const end = Math.max(noon(last), noon(dateOf(Date.now())));
  return Array.from({ length: days }, (_, index) => {
    const date = dateOf(end - (days - 1 - index) * DAY_MS);
    return known.get(date) ?? { date, totalCost: 0, totalTokens: 0 };
  });
}

/** Away from the hours that a change of clocks moves. */
function noon(date: string): number {
  return new Date(`${date}T12:00:00`).getTime();
}

function dateOf(ms: number): string {
  const day = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

function shortDay(date: string): string {
  return new Date(noon(date)).toLocaleDateString(language.value, { month: "short", day: "numeric" });
}
