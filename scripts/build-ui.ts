/** Builds the Control UI: hashed assets, a page that names them, and of each text a brotli and a gzip copy. */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { filesBelow, ROOT } from "./tree.ts";

/** `folder`: where to, relative to the checkout. */
export async function buildUi(folder: string, version: string): Promise<void> {
  const target = join(ROOT, folder);
  mkdirSync(join(target, "assets"), { recursive: true });
  const script = await buildScripts(target, version);
  const style = writeStyles(target);
  const page = readFileSync(join(ROOT, "ui/index.html"), "utf8")
    .replace("src/main.tsx", script)
    .replace("css/app.css", style);
  writeFileSync(join(target, "index.html"), page);
  for (const name of ["icon.svg", "manifest.webmanifest"]) cpSync(join(ROOT, "ui", name), join(target, name));
  compress(folder);
}

/** The path of the entry below `target`. */
async function buildScripts(target: string, version: string): Promise<string> {
  const bundle = await rolldown({
    input: { app: join(ROOT, "ui/src/main.tsx") },
    platform: "browser",
    tsconfig: join(ROOT, "ui/tsconfig.json"),
    transform: { target: "es2023", define: { __OPENCLAW_VERSION__: JSON.stringify(version) } },
  });
  const { output } = await bundle.write({
    dir: target,
    format: "esm",
    entryFileNames: "assets/[name]-[hash].js",
    chunkFileNames: "assets/[name]-[hash].js",
    minify: true,
  });
  await bundle.close();
  return output.find((file) => file.type === "chunk" && file.isEntry)!.fileName;
}

function writeStyles(target: string): string {
  const text = filesBelow("ui/css", (file) => file.endsWith(".css"))
    .map((file) => readFileSync(join(ROOT, file), "utf8"))
    .join("")
    .replace(/\/\*.*?\*\//gs, "")
    .replace(/^\s+/gm, "");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8);
  const name = `assets/app-${hash}.css`;
  writeFileSync(join(target, name), text);
  return name;
}

function compress(folder: string): void {
  for (const file of filesBelow(folder, (name) => /\.(html|js|css|svg|webmanifest)$/.test(name))) {
    const path = join(ROOT, file);
    const bytes = readFileSync(path);
    const size = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: size }));
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
}
