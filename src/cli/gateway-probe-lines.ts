import { printable } from "../platform/printable.ts";
import { formatAge } from "./duration.ts";
import { FACETS, type FacetName, type Facets, type Verdict } from "./gateway-probe-facet.ts";
import type { Paint } from "./io.ts";

const TITLES: Record<FacetName, string> = {
  process: "process",
  port: "port",
  http: "http",
  websocket: "websocket",
  auth: "auth",
  scopes: "rights",
  rpc: "rpc",
  config: "config",
  serviceConfig: "service config",
  service: "service",
  channels: "channels",
  scheduler: "scheduler",
};
const WIDTH = Math.max(...Object.values(TITLES).map((title) => title.length));
/** Younger evidence was seen by this very command. */
const OLD_MS = 10_000;

/** One line a facet: what, whether, by what evidence and how old that is. */
export function facetLines(facets: Facets, paint: Paint): string[] {
  return FACETS.map((name) => {
    const { verdict, evidence, ageMs } = facets[name];
    const age = ageMs < OLD_MS ? "" : ` (${formatAge(ageMs)})`;
    const shown = colored(verdict, name, paint)(verdict.padEnd(7));
    return `  ${TITLES[name].padEnd(WIDTH)}  ${shown}  ${printable(evidence)}${age}`;
  });
}

/** What a gateway may well be without is no alarm. */
const OPTIONAL: ReadonlySet<FacetName> = new Set(["service", "serviceConfig", "channels", "scheduler"]);

function colored(verdict: Verdict, name: FacetName, { green, red, dim }: Paint): (text: string) => string {
  if (verdict === "yes") return green;
  return verdict === "no" && !OPTIONAL.has(name) ? red : dim;
}
