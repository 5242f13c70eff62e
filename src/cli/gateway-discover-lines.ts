import { printable } from "../platform/printable.ts";
import type { FoundPlace } from "./gateway-discover.ts";
import type { Paint } from "./io.ts";
import type { StartupState } from "./startup-probe.ts";

const STATES: Record<StartupState, string> = {
  started: "answers",
  starting: "starting",
  closed: "nothing listens",
  unknown: "no gateway answers",
};

/** What answers first. */
export function placeLines(places: readonly FoundPlace[], { green, yellow, dim }: Paint): string[] {
  if (places.length === 0) return ["  none"];
  const width = Math.max(...places.map(({ url }) => url.length));
  const order = Object.keys(STATES);
  const sorted = places.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return sorted.map(({ url, state, from, pid, stateDir }) => {
    const color = state === "started" ? green : state === "closed" ? dim : yellow;
    const words = new Set([...from, ...(pid === undefined ? [] : [`process ${pid}`]), stateDir ?? ""]);
    const text = printable([...words].filter((word) => word !== "").join(", "));
    return `  ${url.padEnd(width)}  ${color(STATES[state].padEnd(18))}  ${text}`;
  });
}
