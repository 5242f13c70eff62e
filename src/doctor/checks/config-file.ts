import { lstatSync } from "node:fs";
import { issueLines } from "../../config/invalid.ts";
import type { Checked } from "../../config/load.ts";
import { defineCheck } from "../check.ts";
import type { Facts } from "../facts.ts";
import type { Observation } from "../finding.ts";
import { findGoodText, type GoodText } from "../good-text.ts";
import { findYamlFile } from "../yaml-file.ts";

/** As `setup` makes it; the start adds a token of its own. */
const FIRST = '{\n  "gateway": {\n    "mode": "local"\n  }\n}\n';

const FIRST_DOES = "write a config for a gateway on this machine";
const DOCTOR = "openclaw doctor --fix";

type Broken = Extract<Checked, { ok: false }>;

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
    const checked = await facts.config();
    return checked.ok ? [] : [await broken(file.text, checked, facts)];
  },
});

async function missing(facts: Facts): Promise<Observation[]> {
  const { paths, env } = facts;
  const path = paths.configPath;
  const link = lstatSync(path, { throwIfNoEntry: false });
  if (link) {
    const evidence = [`${path} is a link to a file that does not exist`];
    return [{ id: "config-missing", evidence, fix: `ls -l ${path}` }];
  }
  // A gateway that gets its mode from the environment does without a file.
  if (env.gateway.mode !== undefined) return [];
  const good = await findGoodText(facts);
  const first = findYamlFile(paths) ? {} : { ...as(FIRST_DOES, FIRST), fix: "openclaw setup" };
  return [
    {
      id: "config-missing",
      evidence: [`there is no ${path}`, ...(good ? [`there is ${good.name}`] : [])],
      ...(good ? restored(good) : first),
    },
  ];
}

async function broken(text: string, checked: Broken, facts: Facts): Promise<Observation> {
  const { fault, issues } = checked;
  const [first] = issues;
  const place = first && {
    path: first.path,
    file: first.file ?? facts.paths.configPath,
    line: first.line,
    column: first.column,
  };
  const common = { place, evidence: [fault.message, ...issueLines(issues)] };
  if (!first?.message.startsWith("SyntaxError: ")) return await invalid(text, checked, facts, common);
  const included = await brokenInclude(text, fault.message, facts);
  if (included !== undefined) return { id: "config-syntax", ...common, fix: `"\${EDITOR:-vi}" ${included}` };
  const good = await findGoodText(facts);
  const size = `the file has ${Buffer.byteLength(text)} bytes${good ? `, ${good.name} has ${Buffer.byteLength(good.text)}` : ""}`;
  const evidence = [fault.message, size];

  const { findEmbedded } = await import("../../config/embedded.ts");
  const embedded = await findEmbedded(text);
  if (embedded) {
    return {
      id: "config-prefix",
      place,
      evidence: [
        ...evidence,
        `${embedded.before.length} characters stand in front of the config, ${embedded.after.trim().length} behind it`,
      ],
      ...as("take the config out of the text around it", embedded.text),
    };
  }
  if (isCut(text, first.message)) {
    return { id: "config-truncated", place, evidence, ...(await restore(good, text)) };
  }
  const { mendSyntax } = await import("../../config/mend.ts");
  const mended = mendSyntax(text);
  if (!mended) return { id: "config-syntax", place, evidence, ...(await restore(good, text)) };
  return {
    id: "config-syntax",
    place,
    evidence,
    ...as(`put the slip right: ${mended.steps.join("; ")}`, mended.text),
  };
}

/** The file the message is about, where the main one is fine by itself. */
async function brokenInclude(text: string, message: string, { paths }: Facts): Promise<string | undefined> {
  const { parseConfigText } = await import("../../config/parse.ts");
  const isFine = await parseConfigText(text, paths.configPath).then(
    () => true,
    () => false,
  );
  return isFine ? /^Invalid config at (.+?):\d+:\d+ /.exec(message)?.[1] : undefined;
}

function isCut(text: string, message: string): boolean {
  return text.includes("\u0000") || /unexpected end of the file|the file is empty/.test(message);
}

/** Where there is nothing better, what is left of a text that just ends is completed, and an empty one begun anew. */
async function restore(good: GoodText | undefined, text: string): Promise<Partial<Observation>> {
  if (good) return restored(good);
  if (text.replaceAll("\u0000", "").trim() === "") return as(FIRST_DOES, FIRST);
  const { mendSyntax } = await import("../../config/mend.ts");
  const mended = mendSyntax(text);
  if (mended) return as(`keep what is left of it: ${mended.steps.join("; ")}`, mended.text);
  return { fix: "openclaw config reset" };
}

function restored({ name, text }: GoodText): Partial<Observation> {
  return as(`put ${name} back`, text);
}

function as(does: string, text: string): Partial<Observation> {
  return { fix: DOCTOR, repair: { does, level: "safe", changes: [{ kind: "config-text", text }] } };
}

async function invalid(
  text: string,
  { issues, fault }: Broken,
  facts: Facts,
  common: Pick<Observation, "place" | "evidence">,
): Promise<Observation> {
  const { paths, env } = facts;
  if (issues.length === 0) return { id: "config-invalid", ...common, why: fault.why, fix: fault.fix };
  const [{ parseConfigText }, { planInvalidEdits }] = await Promise.all([
    import("../../config/parse.ts"),
    import("../invalid-edits.ts"),
  ]);
  // A reserved key stops the parser already.
  const value = await parseConfigText(text, paths.configPath).then(
    (parsed) => parsed.value,
    () => undefined,
  );
  const good = await findGoodText(facts);
  const edits =
    value === undefined
      ? undefined
      : await planInvalidEdits({ text, value, issues, good: good?.loaded.source, load: { paths, env } });
  if (!edits && good && issues.some(({ message }) => message.startsWith("Reserved key"))) {
    return { id: "config-invalid", ...common, ...restored(good) };
  }
  if (!edits) {
    const isUnset = issues.every(({ message }) => message.startsWith("Environment variable "));
    return {
      id: "config-invalid",
      ...common,
      ...(isUnset && { why: fault.why, fix: "openclaw config validate" }),
    };
  }
  return {
    id: "config-invalid",
    ...common,
    repair: {
      does: "correct these keys",
      level: "safe",
      changes: [{ kind: "config-edits", edits }],
    },
  };
}
