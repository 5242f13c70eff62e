import { configVersions } from "../../config/history.ts";
import { parseConfigText } from "../../config/parse.ts";
import { type ConfigPath, formatPath, getAt } from "../../config/path.ts";
import { findPlaceholder } from "../../config/placeholders.ts";
import { defineCheck } from "../check.ts";
import type { Facts } from "../facts.ts";
import type { Observation } from "../finding.ts";

/** `***` where a secret should be: a config that was copied from a place that hides secrets. */
export default defineCheck({
  id: "config-placeholder",
  summary: "no secret in the config is a placeholder",
  where: "anywhere",
  async inspect(facts) {
    const checked = await facts.config();
    if (!checked.ok) return [];
    const { source, path: file } = checked.loaded;
    const path = findPlaceholder(source);
    if (!path) return [];
    const name = formatPath(path);
    const kept = await keptSecret(path, facts);
    const observation: Observation = {
      id: "config-placeholder",
      evidence: [`${file}: ${name} is a placeholder`, ...(kept ? [`the secret is in ${kept.from}`] : [])],
      place: { path: name, file },
      fix: `openclaw config set ${name} <value>`,
    };
    if (!kept) return [observation];
    return [
      {
        ...observation,
        fix: "openclaw doctor --fix",
        repair: {
          does: `put the secret of ${kept.from} back at ${name}`,
          level: "safe",
          changes: [{ kind: "config-edits", edits: [{ path, value: kept.value }] }],
        },
      },
    ];
  },
});

/** The newest text that has something else there. */
async function keptSecret(
  path: ConfigPath,
  { lastGood, paths }: Facts,
): Promise<{ value: unknown; from: string } | undefined> {
  const last = await lastGood();
  const texts = [
    ...(last ? [{ text: last.text, from: last.path }] : []),
    ...configVersions(paths).map(({ text, number }) => ({ text, from: `version ${number} of the history` })),
  ];
  for (const { text, from } of texts) {
    const value = await parseConfigText(text, "").then(
      (parsed) => getAt(parsed.value, path),
      () => undefined,
    );
    if (value !== undefined && !findPlaceholder(value)) return { value, from };
  }
  return undefined;
}
