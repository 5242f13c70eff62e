import { formatPath, getAt, parsePath } from "../../config/path.ts";
import { isSecretPath } from "../../config/redact.ts";
import { defineCheck } from "../check.ts";

/** What the environment of this command says beats the file, here and perhaps nowhere else. */
export default defineCheck({
  id: "env-overrides",
  summary: "environment variables do not contradict the config",
  where: "anywhere",
  async inspect({ config }) {
    const checked = await config();
    if (!checked.ok) return [];
    const { envPaths, config: inForce, source } = checked.loaded;
    const evidence = envPaths.map(parsePath).flatMap((path) => {
      const [used, written] = [getAt(inForce, path), getAt(source, path)];
      if (written === undefined || String(written) === String(used) || isSecretPath(path)) return [];
      const name = formatPath(path);
      return [`${variableOf(name)} makes ${name} "${used}", the file says "${written}"`];
    });
    return evidence.length === 0 ? [] : [{ id: "env-overrides", evidence }];
  },
});

function variableOf(path: string): string {
  return `OPENCLAW_${path.replaceAll(".", "_").toUpperCase()}`;
}
