import { closeSync, fstatSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config/schema.ts";
import { openRegular } from "../../platform/files.ts";
import { defineCheck } from "../check.ts";
import type { Facts } from "../facts.ts";
import type { Observation, Repair } from "../finding.ts";

/** What a call that failed leaves in the log (`turn/record-call.ts`), or that the model answered since. */
interface Said {
  model: string;
  /** Undefined: it answered. */
  outcome: string | undefined;
  message: string;
  time: string;
}

/** The newest part of the newest file: what went wrong before that has been superseded or was reported. */
const MAX_BYTES = 1024 * 1024;
const STRING_CONTENT = /invalid type: sequence, expected a string|content.{0,40}(must|should) be a string/i;
const ID_OF: Readonly<Record<string, string>> = {
  auth: "model-key-rejected",
  billing: "model-billing",
  "model-not-found": "model-not-found",
  "long-context-denied": "model-long-context",
};

/** How the last call of each model ended, where that repeats itself until somebody changes something. */
export default defineCheck({
  id: "model-calls",
  summary: "the last call of each model went well",
  where: "anywhere",
  async inspect(facts) {
    const checked = await facts.config();
    if (!checked.ok) return [];
    const { config } = checked.loaded;
    return lastOfEach(newestLines(facts)).flatMap((said) => judge(said, config));
  },
});

function judge({ model, outcome, message, time }: Said, config: Config): Observation[] {
  const evidence = [`${time} ${model}: ${message}`];
  if (outcome === "rejected" && STRING_CONTENT.test(message)) return stringContent(model, evidence, config);
  const id = outcome === undefined ? undefined : ID_OF[outcome];
  return id ? [{ id, severity: "warning", evidence }] : [];
}

function stringContent(ref: string, evidence: string[], config: Config): Observation[] {
  const slash = ref.indexOf("/");
  const provider = ref.slice(0, slash);
  const id = ref.slice(slash + 1);
  const providers = config.models?.providers ?? {};
  const models = (Object.hasOwn(providers, provider) ? providers[provider]?.models : undefined) ?? [];
  const at = models.findIndex((entry) => entry.id === id);
  if (models[at]?.compat?.requiresStringContent === true) return [];
  const list = ["models", "providers", provider, "models"];
  const compat = { requiresStringContent: true };
  const edit =
    at >= 0
      ? { path: [...list, at, "compat", "requiresStringContent"], value: true }
      : { path: list, value: [...models, { id, compat }] };
  const repair: Repair = {
    does: `send ${ref} its messages as plain text`,
    level: "safe",
    changes: [{ kind: "config-edits", edits: [edit] }],
  };
  return [{ id: "model-string-content", evidence, fix: "openclaw doctor --fix", repair }];
}

/** Oldest first. */
function lastOfEach(lines: readonly string[]): Said[] {
  const last = new Map<string, Said>();
  for (const line of lines) {
    // Cheaper than reading each line as JSON.
    if (!line.includes('"model"')) continue;
    const said = read(line);
    if (said) last.set(said.model, said);
  }
  return [...last.values()];
}

function read(line: string): Said | undefined {
  try {
    const { model, message, msg, outcome, time } = JSON.parse(line);
    const words: unknown = message ?? msg;
    if (typeof model !== "string" || typeof words !== "string") return undefined;
    if (outcome === "answered") return { model, outcome: undefined, message: "", time: "" };
    if (!words.startsWith("model call failed (")) return undefined;
    return { model, outcome, message: words.slice(words.indexOf(": ") + 2), time: String(time) };
  } catch {
    // The first line of the part may be cut, the last one half written.
    return undefined;
  }
}

function newestLines({ paths: { logsDir } }: Facts): string[] {
  let file: number | undefined;
  try {
    const newest = readdirSync(logsDir)
      .filter((name) => name.endsWith(".log"))
      .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))
      .at(-1);
    if (!newest) return [];
    file = openRegular(join(logsDir, newest));
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, MAX_BYTES));
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8").split("\n");
  } catch {
    // No log, or none that may be read: `log-folder` says so.
    return [];
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
