import { defineCheck } from "../check.ts";
import type { Facts } from "../facts.ts";
import type { Observation } from "../finding.ts";
import { findYamlFile } from "../yaml-file.ts";

/** A file some guides speak of and nothing reads (behaviour.md R23). Where it is the only config it can be taken over. */
export default defineCheck({
  id: "config-yaml",
  summary: "no config is in a file that is not read",
  where: "anywhere",
  async inspect(facts) {
    const { paths } = facts;
    const found = findYamlFile(paths);
    if (!found) return [];
    const { path, text } = found;
    const observed: Observation = {
      id: "config-yaml",
      evidence: [`${path} is not read; ${paths.configPath} is`],
    };
    if (facts.configText().kind !== "missing") {
      return [{ ...observed, severity: "info", fix: `mv ${path} ${path}.old` }];
    }
    return [{ ...observed, ...(await takeOver(text, path, facts)) }];
  },
});

async function takeOver(text: string, path: string, { paths }: Facts): Promise<Partial<Observation>> {
  const { parse } = await import("yaml");
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    return {
      fix: "openclaw setup",
      why: `It cannot be read either: ${(error as Error).message.split("\n")[0]}`,
    };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { fix: "openclaw setup" };
  return {
    severity: "error",
    fix: "openclaw doctor --fix",
    repair: {
      does: `write what ${path} says into ${paths.configPath}`,
      level: "safe",
      changes: [
        { kind: "config-text", text: `${JSON.stringify(value, null, 2)}\n` },
        { kind: "move", from: path, to: `${path}.imported` },
      ],
    },
  };
}
