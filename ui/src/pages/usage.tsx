import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../connect/link.ts";
import { Page, Trouble, useAction } from "../parts.tsx";
import { linkTo } from "../state/route.ts";
import { money, number, words } from "../words/words.ts";
import { DailyChart } from "./daily-chart.tsx";

export interface Sums {
  calls: number;
  failed: number;
  input: number;
  output: number;
  cacheRead: number;
  totalTokens: number;
  totalCost: number;
  /** Calls without a price. */
  unpriced: number;
}

interface Cost {
  days: number;
  daily: (Sums & { date: string })[];
  models: (Sums & { name: string })[];
  agents: (Sums & { name: string })[];
  totals: Sums;
}

interface SessionCost {
  key: string;
  label?: string;
  deleted: boolean;
  usage: Sums;
}

const RANGES = [7, 30, 90] as const;
const days = signal<(typeof RANGES)[number]>(30);
const cost = signal<Cost | undefined>(undefined);
const sessions = signal<readonly SessionCost[]>([]);

async function load(): Promise<void> {
  const range = days.peek();
  const found = await call<Cost>("usage.cost", { days: range });
  // A gateway that does not count by session is no reason to show nothing.
  const bySession = await call<{ sessions: SessionCost[] }>("sessions.usage", {
    range: `${range}d`,
    limit: 20,
  }).catch(() => ({ sessions: [] }));
  if (range !== days.peek()) return;
  cost.value = found;
  sessions.value = bySession.sessions;
}

/** What the models were asked and what it cost. */
export function UsagePage() {
  const text = words.value.usage;
  const { error, busy, run } = useAction();
  useEffect(() => void run(load), [days.value]);
  const seen = cost.value;
  return (
    <Page id="usage" title={text.title}>
      <div class="row controls">
        <label>
          {text.range}
          <select
            id="usage-days"
            value={days.value}
            onChange={({ currentTarget }) => {
              days.value = Number(currentTarget.value) as (typeof RANGES)[number];
            }}
          >
            {RANGES.map((each) => (
              <option key={each} value={each}>
                {text.days(each)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="small quiet" disabled={busy} onClick={() => void run(load)}>
          {words.value.refresh}
        </button>
      </div>
      <Trouble error={error} />
      {!seen && !error && <p class="fine">{words.value.loading}</p>}
      {seen && (
        <>
          <dl class="facts">
            {factsOf(seen.totals).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          {seen.totals.unpriced > 0 && <p class="fine">{text.unpriced(number(seen.totals.unpriced))}</p>}
          {seen.totals.calls === 0 ? (
            <p>{text.nothing}</p>
          ) : (
            <>
              <DailyChart daily={seen.daily} days={seen.days} />
              <SumsTable
                title={text.byModel}
                rows={seen.models.map(({ name, ...sums }) => ({ key: name, name, sums }))}
              />
              <SumsTable
                title={text.byAgent}
                rows={seen.agents.map(({ name, ...sums }) => ({ key: name, name, sums }))}
              />
              <SumsTable
                title={text.bySession}
                rows={sessions.value.map(({ key, label, deleted, usage }) => ({
                  key,
                  name: label ?? key,
                  sums: usage,
                  ...(!deleted && { href: linkTo("chat", key) }),
                }))}
              />
            </>
          )}
        </>
      )}
    </Page>
  );
}

function factsOf({ totalCost, calls, failed, input, output, cacheRead }: Sums): [string, string][] {
  const text = words.value.usage;
  return [
    [text.cost, money(totalCost)],
    [text.calls, failed > 0 ? `${number(calls)} (${text.failed(number(failed))})` : number(calls)],
    [text.input, number(input)],
    [text.output, number(output)],
    [text.cached, number(cacheRead)],
  ];
}

interface Row {
  key: string;
  name: string;
  href?: string;
  sums: Sums;
}

function SumsTable({ title, rows }: { title: string; rows: readonly Row[] }) {
  const text = words.value.usage;
  if (rows.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div class="table-scroll" tabIndex={0}>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">{text.name}</th>
              <th scope="col">{text.calls}</th>
              <th scope="col">{text.tokens}</th>
              <th scope="col">{text.cost}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, name, href, sums }) => (
              <tr key={key}>
                <th scope="row">{href ? <a href={href}>{name}</a> : name}</th>
                <td>{number(sums.calls)}</td>
                <td>{number(sums.totalTokens)}</td>
                <td>{sums.totalCost > 0 || sums.unpriced === 0 ? money(sums.totalCost) : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
