/** Lists the ids of a checklist (`signatures` or `threats`) that no test names: `[id]`, or "id" in a table. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, ROOT } from "./tree.ts";

interface Item {
  id: string;
  tier: number;
}

const checklist = process.argv[2] === "threats" ? "threats" : "signatures";
const path = [join(ROOT, "test", `${checklist}.json`), join(ROOT, "../shared", `${checklist}.json`)].find(
  (file) => existsSync(file),
);
if (!path) {
  console.error(`there is no ${checklist}.json`);
  process.exit(1);
}

const items = JSON.parse(readFileSync(path, "utf8")) as Item[];
const tests = ["src", "test"]
  .flatMap((folder) =>
    filesBelow(
      folder,
      (file) => file.endsWith(".ts") && (file.includes(".test.") || file.startsWith("test/")),
    ),
  )
  .map((file) => readFileSync(join(ROOT, file), "utf8"))
  .join("\n");

for (const tier of [1, 2, 3]) {
  const all = items.filter((item) => item.tier === tier);
  const missing = all.filter((item) => !tests.includes(`[${item.id}]`) && !tests.includes(`"${item.id}"`));
  console.log(`tier ${tier}: ${all.length - missing.length} of ${all.length} ${checklist} have a test`);
  for (const { id } of missing) console.log(`  ${id}`);
}
