import { existsSync } from "node:fs";
import { join } from "node:path";

let found: string | undefined;

/** The folder of the built Control UI: beside the bundle, or in `dist` of the checkout when run unbuilt. */
export function controlUiRoot(): string | undefined {
  found ??= ["ui", "../ui", "../../dist/ui"]
    .map((relative) => join(import.meta.dirname, relative))
    .find((folder) => existsSync(join(folder, "index.html")));
  return found;
}
