import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ROOT } from "../../scripts/tree.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";

const FILES = { "/": "index.html", "/app.js": "app.js", "/app.css": "app.css", "/icon.svg": "icon.svg" };
const source = (name: string) => readFileSync(join(ROOT, "ui", name), "utf8");

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway();
});
after(() => gateway[Symbol.asyncDispose]());

for (const [path, name] of Object.entries(FILES)) {
  test(`[HTTP-13] ${path} is ${name}, and the browser may do nothing else with it`, async () => {
    const { status, headers, text } = await call({ port: gateway.port, path });
    assert.equal(status, 200);
    assert.equal(text, source(name));
    const { date, connection, "content-type": _, "content-length": __, ...rest } = headers;
    assert.deepEqual(rest, {
      "cache-control": "no-cache",
      "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
      "permissions-policy": "camera=(), microphone=(), geolocation=()",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
    const head = await call({ port: gateway.port, path, method: "HEAD" });
    assert.equal(head.headers["content-length"], String(Buffer.byteLength(text)));
    assert.equal(head.text, "");
  });
}

const NOWHERE = [
  [
    "/app.js/",
    "/index.html",
    "/ui/app.js",
    "/APP.JS",
    "/favicon.ico",
    "/package.json",
    "/__proto__",
    "/constructor",
  ],
  ["/../package.json", "/ui/../../package.json", "/%2e%2e/%2e%2e/etc/passwd", "/..%2fapp.js", "/..%5capp.js"],
  ["/app.js%00", "/app.js%00.css", "/%c0%ae%c0%ae/app.js", "/app%2ejs", "/%61pp.js", "/app.js;x"],
].flat();
for (const path of NOWHERE) {
  test(`[FILE-04] ${path} is nothing`, async () => {
    const { status, json } = await call({ port: gateway.port, path });
    assert.equal(status, 404);
    assert.equal(json.error.type, "not_found");
  });
}

test("[FILE-04] a path that URL rules fold still leads to the four files or nowhere", async () => {
  const known = Object.values(FILES).map(source);
  for (const path of ["/../app.js", "/..", "/%2e%2e/app.js", "/..\\app.js", "/./app.js", "//app.js"]) {
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
  for (const path of Object.keys(FILES)) assert.equal((await call({ port: off.port, path })).status, 404);
});

test("[INJ-08] the script has no way to make elements from text", () => {
  assert.doesNotMatch(
    source("app.js"),
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function/,
  );
  assert.doesNotMatch(source("index.html"), /\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)/);
});
