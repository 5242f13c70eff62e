/** What a probe tells apart, in the order in which one thing rests on another. */
export const FACETS = [
  "process",
  "port",
  "http",
  "websocket",
  "auth",
  "scopes",
  "rpc",
  "config",
  "serviceConfig",
  "service",
  "channels",
  "scheduler",
] as const;
export type FacetName = (typeof FACETS)[number];

/** `unknown`: nobody looked, or what was seen proves neither. */
export type Verdict = "yes" | "no" | "unknown";

/** One answer with what it rests on and when that was seen. */
export interface Sighting {
  verdict: Verdict;
  evidence: string;
  atMs: number;
}

/** A sighting once the probe is over. */
export interface Facet {
  verdict: Verdict;
  evidence: string;
  /** How old the evidence is. */
  ageMs: number;
}

export type Sightings = Record<FacetName, Sighting>;
export type Facets = Record<FacetName, Facet>;

export const yes = (evidence: string, atMs = Date.now()): Sighting => ({ verdict: "yes", evidence, atMs });
export const no = (evidence: string, atMs = Date.now()): Sighting => ({ verdict: "no", evidence, atMs });
export const unknown = (evidence: string, atMs = Date.now()): Sighting => ({
  verdict: "unknown",
  evidence,
  atMs,
});

export function agedFacets(sightings: Sightings, nowMs: number): Facets {
  const aged = ({ verdict, evidence, atMs }: Sighting): Facet => ({
    verdict,
    evidence,
    ageMs: Math.max(0, nowMs - atMs),
  });
  return Object.fromEntries(FACETS.map((name) => [name, aged(sightings[name])])) as Facets;
}
