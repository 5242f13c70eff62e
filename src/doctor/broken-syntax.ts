import { findEmbedded } from "../config/embedded.ts";
import { mendSyntax } from "../config/mend.ts";
import { parseConfigText } from "../config/parse.ts";
import type { Facts } from "./facts.ts";
import type { Observation, Place } from "./finding.ts";
import { findGoodText } from "./good-text.ts";
import { firstConfigRepair, restoreRepair, textRepair } from "./text-repair.ts";

export interface BrokenSyntax {
  text: string;
  /** `Invalid config at …`, with file, line and column. */
  message: string;
  /** `SyntaxError: …` */
  reason: string;
  place: Place;
}

/**
 * A config that is no JSON5, and the repair that gives up least: the config without what stands around it, a slip put
 * right, else a text from before. Where there is none, what is left of a text that just ends.
 */
export async function observeBrokenSyntax(broken: BrokenSyntax, facts: Facts): Promise<Observation> {
  const { text, message, reason, place } = broken;
  const included = await brokenInclude(broken, facts);
  if (included !== undefined)
    return { id: "config-syntax", place, evidence: [message], fix: `"\${EDITOR:-vi}" ${included}` };

  const good = await findGoodText(facts);
  const size = `the file has ${Buffer.byteLength(text)} bytes`;
  const evidence = [message, good ? `${size}, ${good.name} has ${Buffer.byteLength(good.text)}` : size];
  const embedded = await findEmbedded(text);
  if (embedded) {
    const [before, after] = [embedded.before.length, embedded.after.trim().length];
    return {
      id: "config-prefix",
      place,
      evidence: [...evidence, `${before} characters stand in front of the config, ${after} behind it`],
      ...textRepair("take the config out of the text around it", embedded.text),
    };
  }
  const mended = mendSyntax(text);
  const slip = mended && textRepair(`put the slip right: ${mended.steps.join("; ")}`, mended.text);
  const earlier = good && restoreRepair(good);
  if (isCut(text, reason)) {
    const rest = mended && textRepair(`keep what is left of it: ${mended.steps.join("; ")}`, mended.text);
    const repair = earlier ?? (isEmpty(text) ? firstConfigRepair() : rest);
    return { id: "config-truncated", place, evidence, ...(repair ?? LAST_RESORT) };
  }
  return { id: "config-syntax", place, evidence, ...(slip ?? earlier ?? LAST_RESORT) };
}

/** Keeps a copy of what was there. */
const LAST_RESORT = { fix: "openclaw config reset" };

/** The file the message is about, where the main one is fine by itself. */
async function brokenInclude({ text, message }: BrokenSyntax, { paths }: Facts): Promise<string | undefined> {
  const isFine = await parseConfigText(text, paths.configPath).then(
    () => true,
    () => false,
  );
  return isFine ? /^Invalid config at (.+?):\d+:\d+ /.exec(message)?.[1] : undefined;
}

function isCut(text: string, reason: string): boolean {
  return text.includes("\u0000") || /unexpected end of the file|the file is empty/.test(reason);
}

function isEmpty(text: string): boolean {
  return text.replaceAll("\u0000", "").trim() === "";
}
