/** Builds what is missing or older than its sources; says nothing when there is nothing to do. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, ROOT } from "./tree.ts";

const built = join(ROOT, "dist/main.cjs");

function isStale(): boolean {
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  const sources = ["src", "ui", "bin", "container"].flatMap((folder) =>
    filesBelow(folder, (file) => !file.endsWith(".test.ts")),
  );
  return ["package.json", ...sources].some((file) => statSync(join(ROOT, file)).mtimeMs > builtAt);
}

if (isStale()) {
  console.log("building …");
  await import("./build.ts");
}
