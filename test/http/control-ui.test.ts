import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { filesBelow, ROOT } from "../../scripts/tree.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";

const BUILT = join(ROOT, "dist/ui");
const built = (name: string) => readFileSync(join(BUILT, name));
const assets = readdirSync(join(BUILT, "assets")).filter((name) => /\.(js|css)$/.test(name));
const PATHS: Record<string, string> = {
  "/": "index.html",
  "/icon.svg": "icon.svg",
  "/manifest.webmanifest": "manifest.webmanifest",
  ...Object.fromEntries(assets.map((name) => [`/assets/${name}`, `assets/${name}`])),
};

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway();
});
after(() => gateway[Symbol.asyncDispose]());

for (const [path, name] of Object.entries(PATHS)) {
  test(`[HTTP-13] ${name.replace(/-[\w-]{8}\./, "-….")} is served, and the browser may do nothing else with it`, async () => {
    const { status, headers, text } = await call({ port: gateway.port, path });
    assert.equal(status, 200);
    assert.equal(text, built(name).toString());
    const { date, connection, etag, "content-type": _, "content-length": __, ...rest } = headers;
    assert.deepEqual(rest, {
      "cache-control": name.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache",
      "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "manifest-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; " +
        "require-trusted-types-for 'script'; trusted-types 'none'",
      "permissions-policy": "camera=(), microphone=(), geolocation=()",
      "referrer-policy": "no-referrer",
      vary: "accept-encoding",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
    const head = await call({ port: gateway.port, path, method: "HEAD" });
    assert.equal(head.headers["content-length"], String(Buffer.byteLength(text)));
    assert.equal(head.text, "");
    const again = await call({ port: gateway.port, path, headers: { "if-none-match": String(etag) } });
    assert.equal(again.status, 304);
  });
}

const ENCODINGS = [
  { accepts: "gzip, deflate, br, zstd", sent: "br", unpack: brotliDecompressSync },
  { accepts: "gzip", sent: "gzip", unpack: gunzipSync },
  { accepts: "br;q=0, gzip;q=0.5", sent: "gzip", unpack: gunzipSync },
  { accepts: "identity", sent: undefined, unpack: (bytes: Buffer) => bytes },
];
for (const { accepts, sent, unpack } of ENCODINGS) {
  test(`who accepts "${accepts}" gets ${sent ?? "it as it is"}`, async () => {
    const script = assets.find((name) => name.startsWith("app-") && name.endsWith(".js"))!;
    const { headers, bytes } = await call({
      port: gateway.port,
      path: `/assets/${script}`,
      headers: { "accept-encoding": accepts },
    });
    assert.equal(headers["content-encoding"], sent);
    assert.equal(headers["content-length"], String(bytes.length));
    assert.deepEqual(unpack(bytes), built(`assets/${script}`));
  });
}

test("what a first visit loads is below 150 KB, compressed", () => {
  const first = [
    "index.html",
    "icon.svg",
    "manifest.webmanifest",
    ...assets.filter((name) => name.startsWith("app-")).map((name) => `assets/${name}`),
  ];
  const sum = first.map((name) => built(`${name}.gz`).length).reduce((a, b) => a + b);
  assert.ok(sum < 60_000, `${sum} bytes`);
});

const NOWHERE = [
  [
    "/app.js",
    "/index.html",
    "/assets",
    "/assets/",
    "/ui/index.html",
    "/ICON.SVG",
    "/favicon.ico",
    "/package.json",
  ],
  ["/index.html.br", "/icon.svg.gz", "/__proto__", "/constructor", "/icon.svg/", "/assets/__proto__"],
  [
    "/../package.json",
    "/assets/../../package.json",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%2ficon.svg",
    "/..%5cicon.svg",
  ],
  ["/icon.svg%00", "/icon.svg%00.css", "/%c0%ae%c0%ae/icon.svg", "/icon%2esvg", "/%69con.svg", "/icon.svg;x"],
].flat();
for (const path of NOWHERE) {
  test(`[FILE-04] ${path} is nothing`, async () => {
    const { status, json } = await call({ port: gateway.port, path });
    assert.equal(status, 404);
    assert.equal(json.error.type, "not_found");
  });
}

test("[FILE-04] a path that URL rules fold leads to a file of the page or nowhere", async () => {
  const known = Object.values(PATHS).map((name) => built(name).toString());
  for (const path of [
    "/../icon.svg",
    "/..",
    "/%2e%2e/icon.svg",
    "/..\\icon.svg",
    "/./icon.svg",
    "//icon.svg",
  ]) {
    const { status, text } = await call({ port: gateway.port, path });
    assert.ok(status === 404 || known.includes(text), path);
  }
});

test("the page is read, not written", async () => {
  const { status, headers } = await call({ port: gateway.port, path: "/", body: {} });
  assert.equal(status, 405);
  assert.equal(headers.allow, "GET, HEAD");
});

test("switched off, there is no page", async () => {
  await using off = await openGateway({ config: { gateway: { controlUi: { enabled: false } } } });
  for (const path of [...Object.keys(PATHS), "/control-ui-config.json"])
    assert.equal((await call({ port: off.port, path })).status, 404);
});

test("a base path moves the page, and nothing of it stays elsewhere", async () => {
  await using moved = await openGateway({
    config: { gateway: { controlUi: { basePath: "/claw/", allowInsecureAuth: true } } },
  });
  const at = (path: string) => call({ port: moved.port, path });
  for (const path of ["/", "/claw"]) {
    const { status, headers } = await at(path);
    assert.equal(status, 302);
    assert.equal(headers.location, "/claw/");
  }
  assert.equal((await at("/claw/")).text, built("index.html").toString());
  assert.equal((await at("/claw/icon.svg")).status, 200);
  assert.equal((await at("/icon.svg")).status, 404);
  assert.deepEqual((await at("/claw/control-ui-config.json")).json, {
    basePath: "/claw",
    allowInsecureAuth: true,
  });
  assert.equal((await at("/readyz")).status, 200, "the other routes stay where they are");
});

test("[FILE-04] a page of one's own comes from gateway.controlUi.root, but not what its links point to", async () => {
  const root = mkdtempSync(join(tmpdir(), "openclaw-own-ui-"));
  try {
    mkdirSync(join(root, "sub"));
    writeFileSync(join(root, "index.html"), "<p>mine</p>");
    writeFileSync(join(root, "sub/a.json"), "{}");
    symlinkSync("/etc/passwd", join(root, "passwd"));
    await using own = await openGateway({ config: { gateway: { controlUi: { root } } } });
    assert.equal((await call({ port: own.port, path: "/" })).text, "<p>mine</p>");
    assert.match(
      String((await call({ port: own.port, path: "/sub/a.json" })).headers["content-type"]),
      /json/,
    );
    assert.equal((await call({ port: own.port, path: "/passwd" })).status, 404);
    rmSync(join(root, "index.html"));
    const { status, json } = await call({ port: own.port, path: "/" });
    assert.equal(status, 404);
    assert.match(json.error.message, /gateway\.controlUi\.root has no index\.html/);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test("[INJ-08] the page has no way to make elements from text, and nothing inline", () => {
  for (const file of filesBelow("ui/src", (name) => /\.tsx?$/.test(name))) {
    assert.doesNotMatch(
      readFileSync(join(ROOT, file), "utf8"),
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function|style=(?!\{\{)/,
      file,
    );
  }
  assert.doesNotMatch(built("index.html").toString(), /\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)/);
});

test("the page imports of this repository the protocol only", () => {
  const wrong = filesBelow("ui/src", (name) => /\.tsx?$/.test(name)).flatMap((file) =>
    [...readFileSync(join(ROOT, file), "utf8").matchAll(/(?:from|import\() ?"((?:\.\.\/)+src\/[^"]+)"/g)]
      .map(([, target]) => `${file} → ${target}`)
      .filter((arrow) => !arrow.includes("/src/protocol/")),
  );
  assert.deepEqual(wrong, []);
});
