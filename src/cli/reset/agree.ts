import { Fault } from "../../platform/fault.ts";
import { printable } from "../../platform/printable.ts";
import { formatBytes } from "../backup/format-bytes.ts";
import type { CommandContext } from "../context.ts";
import { askYesNo } from "../yes-no.ts";
import type { Removal } from "./removal.ts";

export interface AgreeInput {
  /** "reset", "uninstall". */
  verb: string;
  /** Further lines about what happens. */
  also?: readonly string[];
  yes: boolean;
  /** The same command line with `--yes`. */
  again: string;
}

/** Shows what goes and asks, unless that is settled. Throws `Fault` (1) for no terminal and for a no. */
export async function agree(
  { gone, foreign }: Removal,
  input: AgreeInput,
  { io }: CommandContext,
): Promise<void> {
  const { verb, also = [], yes, again } = input;
  for (const { path, bytes } of gone) io.note(`  ${printable(path)}  ${formatBytes(bytes)}`);
  for (const line of also) io.note(`  ${line}`);
  if (foreign.length > 0) io.note(`not of this program, stays: ${foreign.map(printable).join(", ")}`);
  if (yes) return;
  if (!process.stdin.isTTY || !io.watched) {
    throw new Fault(`${verb} needs --yes where nobody can be asked`, {
      why: "Nothing was changed. What would go is listed above; all of it would be saved in a backup first.",
      fix: again,
    });
  }
  if (await askYesNo(`All of this is saved in a backup, then removed. Go on?`)) return;
  throw new Fault(`nothing was removed by ${verb}`, { why: "The answer was no." });
}
