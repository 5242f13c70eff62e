import { readFileSync, statSync } from "node:fs";
import { sendJson } from "../respond.ts";
import { defineRoute, HttpRefusal } from "../route.ts";
import type { GatewayServices } from "../services.ts";
import { uiBasePath, uiFiles } from "../ui-files.ts";

/** Nothing from elsewhere, nothing inline, no element from text; the page may talk to its own gateway only. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "manifest-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";

const SETTINGS = "control-ui-config.json";

/** The Control UI. Its paths follow from `gateway.controlUi` and from what was built; other routes come first. */
export default defineRoute({
  paths: [],
  claims: (pathname, services) => nameOf(pathname, services) !== undefined,
  methods: ["GET", "HEAD"],
  auth: "none",
  maxBodyBytes: 0,
  run({ services, url, request, response }) {
    const { config } = services.loaded;
    const name = nameOf(url.pathname, services)!;
    if (typeof name !== "string") {
      // With the slash, so that the page's own links lead below it.
      response.writeHead(302, { location: name.movedTo, "cache-control": "no-cache" });
      response.end();
      return;
    }
    if (name === SETTINGS) {
      const { allowInsecureAuth = false } = config.gateway?.controlUi ?? {};
      return sendJson(response, 200, { basePath: uiBasePath(config), allowInsecureAuth });
    }
    const file = uiFiles(config)?.get(name);
    if (!file)
      throw new HttpRefusal(
        404,
        "not_found",
        "The Control UI is not there: it was not built, or gateway.controlUi.root has no index.html.",
      );
    const accepted = String(request.headers["accept-encoding"] ?? "")
      .split(",")
      .filter((each) => !/;\s*q=0(\.0*)?\s*$/.test(each))
      .map((each) => each.split(";")[0]!.trim().toLowerCase());
    const copy = file.encodings.find((encoding) => accepted.includes(encoding.name));
    const path = copy?.path ?? file.path;
    const { mtimeMs, size } = statSync(path);
    const headers = {
      "cache-control": file.immutable ? "public, max-age=31536000, immutable" : "no-cache",
      "content-security-policy": CSP,
      "x-frame-options": "DENY",
      vary: "accept-encoding",
      etag: `"${Math.floor(mtimeMs).toString(36)}-${size.toString(36)}"`,
    };
    if (request.headers["if-none-match"] === headers.etag) {
      response.writeHead(304, headers);
      response.end();
      return;
    }
    const body = readFileSync(path);
    response.writeHead(200, {
      ...headers,
      "content-type": file.type,
      "content-length": body.length,
      ...(copy && { "content-encoding": copy.name }),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  },
});

function nameOf(
  pathname: string,
  { loaded: { config } }: GatewayServices,
): string | { movedTo: string } | undefined {
  if (config.gateway?.controlUi?.enabled === false) return undefined;
  const base = uiBasePath(config);
  if (base !== "" && (pathname === "/" || pathname === base)) return { movedTo: `${base}/` };
  if (!pathname.startsWith(`${base}/`)) return undefined;
  const name = pathname.slice(base.length + 1);
  return name === "" || name === SETTINGS || uiFiles(config)?.has(name) ? name : undefined;
}
