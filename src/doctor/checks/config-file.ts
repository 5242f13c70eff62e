import { lstatSync } from "node:fs";
import { issueLines } from "../../config/invalid.ts";
import { defineCheck } from "../check.ts";
import type { Facts } from "../facts.ts";
import type { Observation } from "../finding.ts";
import { findGoodText } from "../good-text.ts";
import { firstConfigRepair, restoreRepair } from "../text-repair.ts";
import { findYamlFile } from "../yaml-file.ts";

/** Whether there is a config, and whether it can be used as it is. */
export default defineCheck({
  id: "config-file",
  summary: "the config file is there, can be read, and is valid",
  where: "anywhere",
  async inspect(facts) {
    const file = facts.configText();
    if (file.kind === "missing") return await missing(facts);
    if (file.kind === "unreadable") {
      const { message, why, fix } = file.fault;
      return [{ id: "config-unreadable", title: message, evidence: [facts.paths.configPath], why, fix }];
    }
    return await broken(file.text, facts);
  },
});

async function missing(facts: Facts): Promise<Observation[]> {
  const { paths, env } = facts;
  const path = paths.configPath;
  if (lstatSync(path, { throwIfNoEntry: false })) {
    const evidence = [`${path} is a link to a file that does not exist`];
    return [{ id: "config-missing", evidence, fix: `ls -l ${path}` }];
  }
  // A gateway that gets its mode from the environment does without a file.
  if (env.gateway.mode !== undefined) return [];
  const evidence = [`there is no ${path}`];
  const good = await findGoodText(facts);
  if (good)
    return [
      { id: "config-missing", evidence: [...evidence, `there is ${good.name}`], ...restoreRepair(good) },
    ];
  // What is to be imported is another check's business.
  if (findYamlFile(paths)) return [{ id: "config-missing", evidence }];
  return [{ id: "config-missing", evidence, ...firstConfigRepair(), fix: "openclaw setup" }];
}

async function broken(text: string, facts: Facts): Promise<Observation[]> {
  const checked = await facts.config();
  if (checked.ok) return [];
  const { fault, issues } = checked;
  const [first] = issues;
  const { path, line, column } = first ?? {};
  const place = { path, line, column, file: first?.file ?? facts.paths.configPath };
  const reason = first?.message ?? "";
  if (reason.startsWith("SyntaxError: ")) {
    const { observeBrokenSyntax } = await import("../broken-syntax.ts");
    return [await observeBrokenSyntax({ text, message: fault.message, reason, place }, facts)];
  }
  const { observeBrokenValues } = await import("../broken-values.ts");
  const evidence = [fault.message, ...issueLines(issues)];
  return [await observeBrokenValues({ text, fault, issues, evidence, place }, facts)];
}
