import { effectiveValue } from "../../../config/defaults.ts";
import { InvalidConfig } from "../../../config/invalid.ts";
import { type LoadInput, loadText } from "../../../config/load.ts";
import { type ConfigPath, formatPath, getAt, parsePath } from "../../../config/path.ts";
import { isSecretPath, redactConfig } from "../../../config/redact.ts";
import { kindOfPath } from "../../../config/schema-path.ts";
import { Fault } from "../../../platform/fault.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Print one value of the config, as it is in force",
  description: [
    "A value nobody has set is answered with its default. Secrets are printed when you ask for exactly that one;",
    "inside of objects they are hidden.",
  ],
  positionals: {
    path: { summary: `for example gateway.port, agents.list[0].id, models.providers["my.host"]` },
  },
  options: {},
  examples: ["openclaw config get gateway.port", "openclaw config get gateway.auth.token"],
  async run({ path: text }, { paths, env, io, config }) {
    const path = parsePath(text);
    const name = formatPath(path);
    const loaded = await config();
    for (const notice of loaded.notices) io.note(`notice: ${notice}`);
    const found = effectiveValue(loaded, path, { paths, env });
    if (!found)
      throw kindOfPath(path) === undefined ? await unknownPath(path, { paths, env }) : unsetPath(name);
    const { value, source } = found;
    if (source === "default") io.note(`notice: ${name} is not set; this is the default`);
    if (source === "env") io.note(`notice: ${name} comes from the environment`);
    if (typeof value === "object") return getAt(redactConfig(wrapped(path, value)), path);
    if (isSecretPath(path)) io.note("notice: this is a secret; who has it can use it");
    return value;
  },
  render(value, { io }) {
    io.out(typeof value === "string" ? value : JSON.stringify(value, null, 2));
  },
});

/** What is secret depends on the names above it. */
function wrapped(path: ConfigPath, value: unknown): unknown {
  return path.reduceRight<unknown>((inner, segment) => ({ [segment]: inner }), value);
}

/** The validator knows best what was meant. */
async function unknownPath(path: ConfigPath, situation: Omit<LoadInput, "purpose">): Promise<Fault> {
  const why = await loadText(JSON.stringify(wrapped(path, null)), { ...situation, purpose: "look" }).then(
    () => undefined,
    (error: unknown) => (error instanceof InvalidConfig ? error.issues[0]?.message : undefined),
  );
  return new Fault(`Unknown config path: ${formatPath(path)}`, {
    why: why ?? "the config has no such key",
    fix: "openclaw config schema",
  });
}

function unsetPath(name: string): Fault {
  return new Fault(`Config path is valid but unset: ${name}`, { fix: `openclaw config set ${name} <value>` });
}
