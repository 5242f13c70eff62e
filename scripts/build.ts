/** Builds `dist/`: the package as it is published, with the launcher, CommonJS chunks and the Control UI. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { rolldown } from "rolldown";
import { buildUi } from "./build-ui.ts";
import { closureOf } from "./imports.ts";
import { filesBelow, ROOT } from "./tree.ts";

interface Manifest {
  version: string;
  description: string;
  license: string;
}

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
const dist = join(ROOT, "dist");

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

/** What every gateway loads and nothing else does: one file, as each more costs half a millisecond of the start. */
const gatewayBoot = [
  "src/cli/main.ts",
  "src/gateway/thread-jobs.ts",
  ...filesBelow("src/cli", (file) => file.endsWith(".ts") && !file.endsWith(".test.ts")),
].reduce((left, entry) => left.difference(closureOf(entry).files), closureOf("src/gateway/run.ts").files);

const bundle = await rolldown({
  input: {
    main: join(ROOT, "src/cli/main.ts"),
    // What a thread runs is a file that can be named.
    "thread-jobs": join(ROOT, "src/gateway/thread-jobs.ts"),
  },
  platform: "node",
  preserveEntrySignatures: "allow-extension",
  // Optional accelerators of ws; it works without them.
  external: ["bufferutil", "utf-8-validate"],
  transform: {
    target: "node24",
    define: {
      __OPENCLAW_VERSION__: JSON.stringify(manifest.version),
      __OPENCLAW_COMMIT__: JSON.stringify(commit()),
    },
  },
});
await bundle.write({
  dir: dist,
  format: "cjs",
  // An ESM import of node:http would load Node's bundled fetch: 50 ms and 13 MB that nobody here uses.
  entryFileNames: "[name].cjs",
  // Named after the file they begin with, so that a name says what is inside and does not move with the build.
  chunkFileNames: ({ facadeModuleId, name }) => {
    const source = facadeModuleId?.startsWith(join(ROOT, "src/"))
      ? relative(join(ROOT, "src"), facadeModuleId)
      : name;
    return `chunks/${source.replace(/\.ts$/, "").replaceAll("/", "-")}.cjs`;
  },
  codeSplitting: {
    // What commands share with it stays where they find it without the rest.
    includeDependenciesRecursively: false,
    groups: [{ name: "gateway-boot", test: (id) => gatewayBoot.has(relative(ROOT, id)) }],
  },
  exports: "named",
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
});
await bundle.close();

cpSync(join(ROOT, "bin/openclaw.cjs"), join(dist, "openclaw.cjs"));
cpSync(join(ROOT, "container"), join(dist, "container"), { recursive: true });
await buildUi("dist/ui", manifest.version);
for (const file of ["LICENSE", "README.md", "README.zh-TW.md", "CHANGELOG.md"])
  cpSync(join(ROOT, file), join(dist, file));
writeFileSync(join(dist, "package.json"), `${JSON.stringify(publishedManifest(), null, 2)}\n`);

function publishedManifest(): Record<string, unknown> {
  const { version, description, license } = manifest;
  return {
    name: "openclaw",
    version,
    description,
    license,
    bin: { openclaw: "openclaw.cjs" },
    engines: { node: ">=24" },
    dependencies: {},
  };
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "ignore"],
    })
      .toString()
      .trim();
  } catch {
    return "unknown";
  }
}
