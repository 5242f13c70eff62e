/** Builds `dist/`: the package as it is published, with the launcher, CommonJS chunks and the Control UI. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { rolldown } from "rolldown";
import { buildUi } from "./build-ui.ts";
import { chunkCycles } from "./chunk-cycles.ts";
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

// Each file more costs half a millisecond of the start: what is always loaded together is one.
/** What `--version` loads, beside the entry itself: the other files need it while the entry still runs. */
const first = closureOf("src/cli/main.ts").files;
first.delete("src/cli/main.ts");
/** What every command loads, packages included: one in a file of its own would be needed by and need this one. */
const { files, packages } = closureOf("src/cli/execute.ts");
const everyCommand = files.difference(first);
everyCommand.delete("src/cli/main.ts");
const ofPackage = (id: string) => [...packages].some((name) => id.includes(`/node_modules/${name}/`));
/** What every gateway loads and nothing else does. */
const gatewayBoot = [
  "src/cli/main.ts",
  "src/gateway/thread-jobs.ts",
  ...filesBelow("src/cli", (file) => file.endsWith(".ts") && !file.endsWith(".test.ts")),
].reduce((left, entry) => left.difference(closureOf(entry).files), closureOf("src/gateway/run.ts").files);
const among = (files: ReadonlySet<string>) => (id: string) => files.has(relative(ROOT, id));

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
const { output } = await bundle.write({
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
    groups: [
      { name: "first", test: (id) => id.includes("rolldown/runtime") || among(first)(id) },
      { name: "every-command", test: (id) => among(everyCommand)(id) || ofPackage(id) },
      { name: "gateway-boot", test: among(gatewayBoot) },
    ],
  },
  exports: "named",
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
});
await bundle.close();
const cycles = chunkCycles(
  new Map(output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file.imports]] : []))),
);
if (cycles.length > 0) throw new Error(`files of dist/ need each other: ${cycles.join("; ")}`);

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
