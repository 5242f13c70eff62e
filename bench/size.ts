import { statSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, ROOT } from "../scripts/tree.ts";
import type { Figure } from "./figure.ts";

/** What an installation unpacks; the package has no dependencies of its own. */
export async function benchSize(): Promise<Figure[]> {
  const bytes = filesBelow("dist", () => true).reduce(
    (sum, file) => sum + statSync(join(ROOT, file)).size,
    0,
  );
  return [
    { name: "package, unpacked", value: bytes / 1e6, unit: "MB", limit: { kind: "at most", value: 6 } },
  ];
}
