import data from "./catalogue.json" with { type: "json" };

export type Severity = "error" | "warning" | "info";

/** One failure, or one good sign (severity "info"), however many spellings it has. */
export interface CatalogueEntry {
  /** Also the id of the finding when a check of the doctor decides it. */
  readonly id: string;
  readonly area: string;
  /** What it usually is; a check may know better. */
  readonly severity: Severity;
  /** One line: what is wrong. */
  readonly title: string;
  /** The likely cause. */
  readonly why: string;
  /** The one command that mends it; for a good sign, one that shows more. */
  readonly fix: string;
  /** Further ways, each a short line. */
  readonly other?: readonly string[];
  /** Texts it is known by in guides, logs and pages: literal, or a "/pattern/" as `recognise-pattern.ts` reads it. */
  readonly known: readonly string[];
  /** Ids of the checklist of texts (`signatures.json`) it stands for. */
  readonly signatures: readonly string[];
  /** The checks of the doctor that decide it here. */
  readonly checks: readonly string[];
  /** The feature it belongs to, when this version does not have that one; `fix` is then that of other versions. */
  readonly missing?: string;
}

let frozen: readonly CatalogueEntry[] | undefined;
let byId: ReadonlyMap<string, CatalogueEntry> | undefined;

/** All of them, in the order of the documentation. Made ready with the first call; nothing in it can be changed. */
export function catalogue(): readonly CatalogueEntry[] {
  frozen ??= freezeAll(data as unknown as readonly CatalogueEntry[]);
  return frozen;
}

export function findEntry(id: string): CatalogueEntry | undefined {
  byId ??= new Map(catalogue().map((entry) => [entry.id, entry]));
  return byId.get(id);
}

function freezeAll(entries: readonly CatalogueEntry[]): readonly CatalogueEntry[] {
  for (const entry of entries) {
    for (const list of [entry.other, entry.known, entry.signatures, entry.checks]) Object.freeze(list);
    Object.freeze(entry);
  }
  return Object.freeze(entries);
}
