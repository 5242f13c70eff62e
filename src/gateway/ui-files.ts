import { existsSync, readdirSync, statSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import type { Config } from "../config/schema.ts";

export interface UiFile {
  path: string;
  type: string;
  /** Its name changes with its content. */
  immutable: boolean;
  /** Compressed copies beside it, smallest first. */
  encodings: readonly { name: "br" | "gzip"; path: string }[];
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};
/** Somebody's home folder as `gateway.controlUi.root` is a mistake. */
const MAX_FILES = 5_000;

let built: string | undefined;
let listed: { root: string; stamp: number; files: ReadonlyMap<string, UiFile> } | undefined;

/**
 * The files of the Control UI by the path they have on the web, "" for the page itself. A closed list, made when the
 * page on disk has changed: no path of a request reaches the disk (FILE-04). Undefined when there is no page.
 */
export function uiFiles(config: Config): ReadonlyMap<string, UiFile> | undefined {
  const { controlUi } = config.gateway ?? {};
  const root = controlUi?.root || builtRoot();
  const stamp = root && statSync(join(root, "index.html"), { throwIfNoEntry: false })?.mtimeMs;
  if (root === undefined || stamp === undefined || stamp === "") return undefined;
  if (listed?.root !== root || listed.stamp !== stamp) listed = { root, stamp, files: listFiles(root) };
  return listed.files;
}

/** The folder of the built page: beside the bundle, or in `dist` of the checkout when run unbuilt. */
function builtRoot(): string | undefined {
  built ??= ["ui", "../ui", "../../dist/ui"]
    .map((folder) => join(import.meta.dirname, folder))
    .find((folder) => existsSync(join(folder, "index.html")));
  return built;
}

function listFiles(root: string): ReadonlyMap<string, UiFile> {
  const names = readdirSync(root, { recursive: true, withFileTypes: true })
    // Not what a link points to.
    .filter((entry) => entry.isFile())
    .slice(0, MAX_FILES)
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));
  const all = new Set(names);
  const copies = [
    { name: "br", end: ".br" },
    { name: "gzip", end: ".gz" },
  ] as const;
  return new Map(
    names
      .filter((name) => !copies.some(({ end }) => name.endsWith(end)))
      .map((name) => [
        name === "index.html" ? "" : name,
        {
          path: join(root, name),
          type: TYPES[extname(name)] ?? "application/octet-stream",
          immutable: /^assets\/.+-[\w-]{8,}\.\w+$/.test(name),
          encodings: copies
            .filter(({ end }) => all.has(name + end))
            .map(({ name: encoding, end }) => ({ name: encoding, path: join(root, name + end) })),
        },
      ]),
  );
}

/** "" or "/claw": what stands before the paths of the Control UI. */
export function uiBasePath(config: Config): string {
  const path = (config.gateway?.controlUi?.basePath ?? "").replace(/^\/+|\/+$/g, "");
  return path === "" ? "" : `/${path}`;
}
