import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineRoute, HttpRefusal } from "../route.ts";
import { controlUiRoot } from "../ui-root.ts";

/** Nothing from elsewhere, nothing inline; the page may talk to its own gateway only. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

const TYPES: Record<string, string> = {
  "index.html": "text/html; charset=utf-8",
  "app.js": "text/javascript; charset=utf-8",
  "app.css": "text/css; charset=utf-8",
  "icon.svg": "image/svg+xml",
};

/** The dashboard page and its three files. The names are a closed list: no path of a request reaches the disk. */
export default defineRoute({
  paths: ["/", "/app.js", "/app.css", "/icon.svg"],
  methods: ["GET", "HEAD"],
  auth: "none",
  maxBodyBytes: 0,
  run({ services, url, request, response }) {
    const { controlUi } = services.loaded.config.gateway ?? {};
    const name = url.pathname === "/" ? "index.html" : url.pathname.slice(1);
    const root = controlUi?.enabled === false ? undefined : controlUiRoot();
    const type = TYPES[name];
    if (root === undefined || type === undefined) throw new HttpRefusal(404, "not_found", "Not Found");
    const body = readFileSync(join(root, name));
    response.writeHead(200, {
      "content-type": type,
      "content-length": body.length,
      "cache-control": "no-cache",
      "content-security-policy": CSP,
      "x-frame-options": "DENY",
    });
    response.end(request.method === "HEAD" ? undefined : body);
  },
});
