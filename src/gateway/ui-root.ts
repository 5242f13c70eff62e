import { existsSync } from "node:fs";
import { join } from "node:path";

let found: string | undefined;

/** The folder of the built dashboard: beside the bundle, or in the checkout when run unbuilt. */
export function controlUiRoot(): string | undefined {
  found ??= ["ui", "../ui", "../../ui"]
    .map((relative) => join(import.meta.dirname, relative))
    .find((folder) => existsSync(join(folder, "index.html")));
  return found;
}
