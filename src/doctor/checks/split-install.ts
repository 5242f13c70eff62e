import { packageVersionOf, programsOnPath } from "../../platform/programs.ts";
import { shellWord } from "../../platform/storage-fault.ts";
import { defineCheck } from "../check.ts";
import type { Facts } from "../facts.ts";

/** The published package and the checkout it is built from. */
const PACKAGES = ["openclaw", "openclaw-workspace"];

export default defineCheck({
  id: "split-install",
  summary: "one version of openclaw on PATH",
  where: "outside",
  async inspect(facts) {
    const programs = programsOnPath("openclaw", facts.env.get("PATH") ?? "");
    if (programs.length < 2) return [];
    const installs = await Promise.all(
      programs.map(async (program) => ({ ...program, version: await versionOf(program.real, facts) })),
    );
    const versions = new Set(installs.map(({ version }) => version));
    if (versions.size < 2) return [];
    const other = installs.find(({ version }) => version !== facts.version)!;
    return [
      {
        id: "split-install",
        severity: "warning",
        evidence: installs.map(
          ({ path, real, version }, i) =>
            `${path}${real === path ? "" : ` → ${real}`}: ${version ?? "version unknown"}${i === 0 ? ", the one a shell takes" : ""}`,
        ),
        fix: `rm ${shellWord(other.path)}`,
      },
    ];
  },
});

async function versionOf(file: string, { host, signal }: Facts): Promise<string | undefined> {
  const fromPackage = packageVersionOf(file, PACKAGES);
  if (fromPackage !== undefined) return fromPackage;
  return /\d+\.\d+\.\d+\S*/.exec((await host.run(file, ["--version"], signal)) ?? "")?.[0];
}
